public import Core
internal import Journal

/// The journal gives records back the offsets they had; only the process that holds it can restore into it.
extension JournalLog: OffsetKeepingLog {
    public func begin(_ source: TopicPartition, at offset: Int64) async throws(LogError) {
        try await hold().begin(source, at: offset)
    }

    public func restore(_ records: [Record], next: [TopicPartition: Int64]) async throws(LogError) {
        try await hold().restore(records, next: next)
    }
}
