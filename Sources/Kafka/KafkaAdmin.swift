internal import CRdKafka
public import Core
internal import Threading

/// Lists, makes, changes and deletes topics, and returns when the cluster shows it.
///
/// Brokers learn of a change one after another, so each call asks until several answers in a row, which come from
/// brokers chosen at random, agree.
public actor KafkaAdmin {
    /// How many answers in a row must show a change.
    static let agreeingAnswers = 3

    private let executor: BlockingExecutor
    private let settings: KafkaSettings
    private var client: Client?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    public init(_ settings: KafkaSettings) throws(KafkaError) {
        self.settings = settings
        executor = BlockingExecutor("kafka admin")
        client = try Client(settings, for: .observer(committed: false))
    }

    public func close() {
        client?.end()
        client = nil
    }

    /// Every topic that is not Kafka's own, with the settings in force.
    ///
    /// A cluster that cannot describe settings (the development cluster) leaves them empty.
    public func describe() throws(KafkaError) -> [TopicDescription] {
        let deadline = Deadline(after: settings.requestTimeout)
        let counts = try topics(until: deadline)
        guard !counts.isEmpty else { return [] }
        let known = try describeSettings(of: counts.keys.sorted(), until: deadline) ?? [:]
        return counts.sorted { $0.key < $1.key }.map { name, presence in
            TopicDescription(
                name: name, partitions: presence.partitions, identity: nil, settings: known[name]?.all ?? [:])
        }
    }

    public func create(_ topics: [TopicSpec]) throws(KafkaError) {
        guard !topics.isEmpty else { return }
        let deadline = Deadline(after: settings.adminTimeout)
        var missing = topics
        while true {
            let refused = try request(missing, until: deadline)
            if refused.isEmpty { break }
            let listed = try self.topics(until: deadline)
            // A topic that exists and is not listed is marked for deletion: its name is free again in a while.
            let final = refused.first { $0.code != .topicAlreadyExists || listed[$0.topic ?? ""] != nil }
            if let final { throw final }
            if deadline.hasPassed, let first = refused.first { throw first }
            missing.removeAll { topic in !refused.contains { $0.topic == topic.name } }
            Pause.shortly(milliseconds: 200)
        }
        try wait(.createTopics, until: deadline) { counts in
            topics.allSatisfy { counts[$0.name]?.led == $0.partitions }
        }
        let names = topics.map(\.name)
        while let known = try describeSettings(of: names, until: deadline),
            let unknown = names.first(where: { known[$0] == nil })
        {
            guard !deadline.hasPassed else {
                throw KafkaError(.createTopics, .timedOut, "created, but its settings do not show", topic: unknown)
            }
            Pause.shortly()
        }
    }

    /// Sets retention, cleanup and what goes with them, keeping what else was set for the topic, and adds partitions.
    ///
    /// This version of the protocol replaces all of a topic's settings at once: two that adjust one topic at the
    /// same moment may undo each other.
    public func adjust(_ topic: TopicSpec) throws(KafkaError) {
        let deadline = Deadline(after: settings.adminTimeout)
        let count = try topics(until: deadline)[topic.name]?.partitions
        guard let count else { throw KafkaError(.alterTopic, .unknownTopicOrPartition, topic: topic.name) }
        guard topic.partitions >= count else {
            throw KafkaError(
                .alterTopic, .invalidArgument, "has \(count) partitions, and partitions cannot be taken away",
                topic: topic.name)
        }
        let wanted = Self.configuration(of: topic)
        var merged = try overrides(of: topic.name, until: deadline)
        if !wanted.allSatisfy({ merged[$0.0] == $0.1 }) {
            merged.merge(wanted) { _, new in new }
            try alter(topic.name, to: merged, until: deadline)
        }
        if topic.partitions > count { try addPartitions(to: topic, until: deadline) }
        try wait(.alterTopic, until: deadline) { $0[topic.name]?.led == topic.partitions }
        while try !shows(wanted, topic.name, until: deadline) {
            guard !deadline.hasPassed else {
                throw KafkaError(.alterTopic, .timedOut, "the new settings do not show", topic: topic.name)
            }
            Pause.shortly()
        }
    }

    public func delete(_ topic: String) throws(KafkaError) {
        let deadline = Deadline(after: settings.adminTimeout)
        try unsafe run(.deleteTopic, .deleteTopics, until: deadline) { client, options, queue in
            var list: [OpaquePointer?] = unsafe [rd_kafka_DeleteTopic_new(topic)]
            unsafe rd_kafka_DeleteTopics(client, &list, 1, options, queue)
            unsafe rd_kafka_DeleteTopic_destroy_array(&list, 1)
        }
        try wait(.deleteTopic, until: deadline) { $0[topic] == nil }
    }

    /// Removes a group without members and what it stored.
    public func delete(group: String) throws(KafkaError) {
        let deadline = Deadline(after: settings.adminTimeout)
        try withClient(.deleteGroup) { client throws(KafkaError) in
            let request = try AdminRequest(client, .deleteGroup, .deleteGroups, until: deadline)
            let event = try unsafe request.run { client, options, queue in
                var list: [OpaquePointer?] = unsafe [rd_kafka_DeleteGroup_new(group)]
                unsafe rd_kafka_DeleteGroups(client, &list, 1, options, queue)
                unsafe rd_kafka_DeleteGroup_destroy_array(&list, 1)
            }
            try event.checkDeleted(group)
        }
    }

    /// Lends the client to one request; refused once it is closed.
    func withClient<Answer>(
        _ operation: KafkaError.Operation, _ body: (inout Client) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        guard var taken = client.take() else { throw KafkaError(operation, .destroyed, isFatal: true) }
        let result = Result { () throws(KafkaError) in try body(&taken) }
        client = consume taken
        return try result.get()
    }
}
