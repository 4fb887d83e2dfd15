internal import Core

/// A log that is another one but for what it does itself: who wraps a log writes only that.
protocol ForwardedLog: EventLog {
    var log: any EventLog { get }
}

extension ForwardedLog {
    func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try await log.bounds(of: partitions)
    }

    func writer(named name: String) async throws(LogError) -> any EventWriter { try await log.writer(named: name) }

    func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try await log.positions(of: consumer, in: partitions)
    }

    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader { try await log.reader(from: starts, options) }

    func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        try await log.join(group: group, sharing: topic)
    }

    func describe() async throws(LogError) -> [TopicDescription] { try await log.describe() }
    func create(_ topics: [TopicSpec]) async throws(LogError) { try await log.create(topics) }
    func adjust(_ topic: TopicSpec) async throws(LogError) { try await log.adjust(topic) }
    func delete(_ topic: String) async throws(LogError) { try await log.delete(topic) }
    func close() async { await log.close() }
}
