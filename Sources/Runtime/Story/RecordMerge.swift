internal import Core

/// Several partitions as one stream, by the time of their records; each is read a small piece at a time.
final class RecordMerge {
    private static let options = ReadOptions(maximumRecords: 1_024, maximumBytes: 512 << 10, headers: false)

    private struct Lane {
        let source: TopicPartition
        let end: Int64
        var next: Int64
        var batch = RecordBatch.empty
        var index = 0
        var reader: (any EventReader)?

        var entry: RecordBatch.Entry? {
            index < batch.count && batch.entries[index].offset < end ? batch.entries[index] : nil
        }
    }

    private let log: any EventLog
    private var lanes: [Lane]
    private var decoder: StoryDecoder

    init(_ log: any EventLog, _ bounds: [TopicPartition: Bounds], _ words: QuarantineWords) {
        self.log = log
        decoder = StoryDecoder(words)
        lanes = bounds.filter { $0.value.begin < $0.value.end }.sorted { $0.key < $1.key }.map {
            Lane(source: $0.key, end: $0.value.end, next: $0.value.begin)
        }
    }

    /// The record with the earliest time of all that come next; `nil` at the end.
    func next() async throws -> (RecordBatch.Entry, RecordBatch)? {
        var first: (index: Int, timestamp: Int64)?
        for index in lanes.indices {
            if lanes[index].entry == nil { try await fill(index) }
            guard let entry = lanes[index].entry else { continue }
            if let best = first, best.timestamp <= entry.timestamp { continue }
            first = (index, entry.timestamp)
        }
        guard let first, let entry = lanes[first.index].entry else { return nil }
        lanes[first.index].index += 1
        return (entry, lanes[first.index].batch)
    }

    func decode(_ entry: RecordBatch.Entry, of batch: RecordBatch) -> StoryDecoder.Reading {
        decoder.read(entry, of: batch)
    }

    private func fill(_ index: Int) async throws {
        guard lanes[index].next < lanes[index].end else { return }
        if lanes[index].reader == nil {
            lanes[index].reader = try await log.reader(
                from: [lanes[index].source: .offset(lanes[index].next)], Self.options)
        }
        let deadline = ContinuousClock.now + PartitionScan.stall
        while lanes[index].entry == nil, lanes[index].next < lanes[index].end {
            guard let reader = lanes[index].reader else { return }
            let batch = try await reader.next(waiting: .milliseconds(500))
            lanes[index].batch = batch
            lanes[index].index = 0
            if let reached = batch.next[lanes[index].source], reached > lanes[index].next {
                lanes[index].next = reached
                continue
            }
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                throw LogError(.read, .timedOut("\(lanes[index].source) brings nothing at \(lanes[index].next)"))
            }
        }
        guard lanes[index].entry == nil else { return }
        await lanes[index].reader?.close()
        lanes[index].reader = nil
    }

    func close() async {
        for index in lanes.indices {
            await lanes[index].reader?.close()
            lanes[index].reader = nil
        }
    }
}
