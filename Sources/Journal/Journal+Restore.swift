public import Core

/// Giving records back the offsets they had: for archives, and for nothing else.
extension Journal {
    /// Makes an empty partition begin and end at `offset`, as if everything before it had been removed by retention.
    public func begin(_ source: TopicPartition, at offset: Int64) async throws(LogError) {
        guard (0...Restoration.maximumOffset).contains(offset) else {
            throw LogError(.restore, .refused("\(source) cannot begin at \(offset)"))
        }
        try await core.change(.restore) { (state) throws(LogError) in
            let (key, lane) = try state.key(of: source, .restore)
            guard lane.records == 0 && lane.begin == lane.next && (lane.next == 0 || lane.next == offset) else {
                let what = "holds \(lane.begin)..<\(lane.next); only an empty partition can begin at \(offset)"
                throw LogError(.restore, .refused("\(source) \(what)"))
            }
            return lane.next == offset ? [] : [.laneMoved(key, Lane(begin: offset, next: offset))]
        }
    }

    /// Appends records at exactly these offsets, all or none; durable on return.
    ///
    /// Offsets ascend in each partition from its end, with holes; `next` then raises the end of a partition past a
    /// hole that no record follows. The limits are those of an append.
    public func restore(_ records: [Record], next: [TopicPartition: Int64]) async throws(LogError) {
        do { try await core.restore(records, next) } catch { throw LogError(.restore, error.reason) }
    }
}

extension JournalCore {
    fileprivate func restore(_ records: [Record], _ next: [TopicPartition: Int64]) async throws(LogError) {
        if records.isEmpty && next.isEmpty { return }
        for (source, end) in next where !(0...Restoration.maximumOffset).contains(end) {
            throw LogError(.restore, .refused("\(source) cannot end at \(end)"))
        }
        let append = Append(
            records.map { record in
                NewRecord(
                    topic: record.position.source.topic, partition: record.position.source.partition, key: record.key,
                    value: record.value, headers: record.headers, timestamp: record.timestamp)
            })
        try LogLimits.check(append)
        let encoder = try RecordEncoder(append)
        let bytes = encoder.payloadBytes
        await queue.admit(bytes)
        defer { queue.leave(1, bytes) }
        let restoration = try restoration(of: records, append, next, encoder)
        defer { pool.give(restoration.payload) }
        _ = try await commit(.restore(restoration), nil, bytes)
    }

    private func restoration(
        of records: [Record], _ append: Append, _ next: [TopicPartition: Int64], _ encoder: RecordEncoder
    ) throws(LogError) -> Restoration {
        let encoded = encoder.encode(into: pool, now: settings.clock())
        let sizes = append.records.map { RecordLayout.fixedBytes + LogLimits.size(of: $0) }
        let stretches: [Restoration.Stretch]
        do {
            stretches = try Restoration.stretches(
                of: records, sizes: sizes, runs: encoded.runs, runOfRecord: encoded.runOfRecord)
        } catch {
            pool.give(encoded.payload)
            throw error
        }
        var ends: [TopicPartition: Int64?] = [:]
        for run in encoded.runs { ends[run.source] = .some(nil) }
        for (source, end) in next { ends[source] = .some(end) }
        let sealed = encoded.sealed(in: pool)
        let stored = sealed.stored ?? EncodedAppend.Stored(bytes: 0, compressed: false, hash: 0)
        return Restoration(
            stretches: stretches, ends: ends, payload: sealed.payload, payloadBytes: sealed.payloadBytes, stored: stored
        )
    }
}
