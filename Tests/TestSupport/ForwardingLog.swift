public import Core

/// A log that is another one but for what it says itself.
public protocol ForwardingLog: EventLog {
    var log: any EventLog { get }
}

extension ForwardingLog {
    public func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try await log.bounds(of: partitions)
    }

    public func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try await log.positions(of: consumer, in: partitions)
    }

    public func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader { try await log.reader(from: starts, options) }

    public func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        try await log.join(group: group, sharing: topic)
    }

    public func close() async { await log.close() }
    public func describe() async throws(LogError) -> [TopicDescription] { try await log.describe() }
    public func create(_ topics: [TopicSpec]) async throws(LogError) { try await log.create(topics) }
    public func adjust(_ topic: TopicSpec) async throws(LogError) { try await log.adjust(topic) }
    public func delete(_ topic: String) async throws(LogError) { try await log.delete(topic) }
}
