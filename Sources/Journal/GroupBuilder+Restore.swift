internal import Core

extension GroupBuilder {
    /// Builds a batch whose slices lie where the records were, or says why it is refused; then nothing is built.
    mutating func add(_ restoration: Restoration) throws(LogError) {
        flush()
        var kept: [TopicPartition: KeptLane] = [:]
        for source in restoration.ends.keys {
            let (key, lane) = try state.key(of: source, .restore)
            kept[source] = KeptLane(lane: key, from: lane.next, next: lane.next)
        }
        var slices: [Slice] = []
        slices.reserveCapacity(restoration.stretches.count)
        for stretch in restoration.stretches {
            guard var lane = kept[stretch.source] else {
                preconditionFailure("every partition with records has an end")
            }
            guard stretch.base >= lane.next else {
                let what = "offset \(stretch.base) is before the end of the partition, \(lane.next)"
                throw LogError(.restore, .refused("\(stretch.source): \(what)"))
            }
            slices.append(
                Slice(
                    lane: lane.lane, base: stretch.base, count: stretch.count, start: stretch.start,
                    length: stretch.length, newest: stretch.newest))
            lane.next = stretch.end
            kept[stretch.source] = lane
        }
        for (source, end) in restoration.ends {
            guard let end, let reached = kept[source]?.next else { continue }
            guard end >= reached else {
                throw LogError(.restore, .refused("\(source) ends at \(reached), which is beyond \(end)"))
            }
            kept[source]?.next = end
        }
        let moved = kept.values.filter { $0.next > $0.from }.sorted { $0.lane < $1.lane }
        guard !moved.isEmpty else { return }
        emit(slices, [.offsetsKept(moved)], restoration.payload, restoration.stored, restoration.payloadBytes)
    }
}
