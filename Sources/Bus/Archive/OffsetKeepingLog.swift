public import Core

/// A log that can give records back the offsets they had: the journal can, Kafka cannot.
///
/// A restore uses it, nothing else does: whoever appends new events leaves the offsets to the engine.
public protocol OffsetKeepingLog: EventLog {
    /// Makes an empty partition begin and end at `offset`, as if everything before it had been removed by retention.
    func begin(_ source: TopicPartition, at offset: Int64) async throws(LogError)

    /// Appends records at exactly these offsets, all or none; durable on return.
    ///
    /// Offsets ascend in each partition from its end, with holes where the archive has them; `next` then raises the
    /// end of a partition past a hole that no record follows.
    func restore(_ records: [Record], next: [TopicPartition: Int64]) async throws(LogError)
}
