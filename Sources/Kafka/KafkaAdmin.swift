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
}

// MARK: - Requests

extension KafkaAdmin {
    /// Kafka's names for what a topic is meant to be.
    ///
    /// Retention by bytes is off: a cluster's default would cut what is kept forever.
    static func configuration(of topic: TopicSpec) -> [(String, String)] {
        var settings = [
            ("retention.ms", "\(topic.retentionMilliseconds ?? -1)"), ("retention.bytes", "-1"),
            ("cleanup.policy", topic.cleanup.rawValue), ("max.message.bytes", "\(KafkaSettings.maximumMessageBytes)"),
            ("message.timestamp.type", "CreateTime"), ("compression.type", "producer"),
            // A leader that misses acknowledged records would lose them.
            ("unclean.leader.election.enable", "false"),
        ]
        if let retention = topic.retentionMilliseconds {
            // Kafka drops whole segments only, and a week is how long it fills one by itself.
            settings.append(("segment.ms", "\(max(1, min(retention / 7, 604_800_000)))"))
        }
        return settings
    }

    /// The same and, for a new topic only, how many copies an append waits for: all but one, which may be lost.
    ///
    /// Whoever runs the cluster may change that later, with the number of copies.
    static func configuration(ofNew topic: TopicSpec, replicas: Int32) -> [(String, String)] {
        configuration(of: topic) + [("min.insync.replicas", "\(max(1, replicas - 1))")]
    }

    /// Copies of each partition, where the cluster has so many brokers.
    static let replicas: Int32 = 3

    private static func newTopic(_ topic: TopicSpec, replicas: Int32) -> OpaquePointer? {
        var reason = [CChar](repeating: 0, count: 256)
        let made = unsafe rd_kafka_NewTopic_new(topic.name, topic.partitions, replicas, &reason, reason.count)
        for (name, value) in configuration(ofNew: topic, replicas: replicas) {
            if let made = unsafe made { unsafe _ = rd_kafka_NewTopic_set_config(made, name, value) }
        }
        return unsafe made
    }

    /// Asks for the topics and answers what was refused.
    private func request(_ topics: [TopicSpec], until deadline: Deadline) throws(KafkaError) -> [KafkaError] {
        try withClient(.createTopics) { client throws(KafkaError) in
            let replicas = try min(Self.replicas, client.brokerCount(until: deadline))
            let request = try AdminRequest(client, .createTopics, .createTopics, until: deadline)
            let event = try unsafe request.run { client, options, queue in
                var list: [OpaquePointer?] = unsafe topics.map { unsafe Self.newTopic($0, replicas: replicas) }
                unsafe rd_kafka_CreateTopics(client, &list, list.count, options, queue)
                unsafe rd_kafka_NewTopic_destroy_array(&list, list.count)
            }
            return event.refusals(.createTopics)
        }
    }

    private func run(
        _ operation: KafkaError.Operation, _ kind: AdminRequest.Kind, until deadline: Deadline,
        _ send: (OpaquePointer, OpaquePointer, OpaquePointer) -> Void
    ) throws(KafkaError) {
        try withClient(operation) { client throws(KafkaError) in
            let request = try AdminRequest(client, operation, kind, until: deadline)
            let event = try unsafe request.run(send)
            try event.check(kind)
        }
    }

    private func alter(_ topic: String, to settings: [String: String], until deadline: Deadline) throws(KafkaError) {
        try withClient(.alterTopic) { client throws(KafkaError) in
            let request = try AdminRequest(client, .alterTopic, .alterConfigs, until: deadline)
            let event = try unsafe request.run { client, options, queue in
                var list: [OpaquePointer?] = unsafe [rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)]
                for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
                    unsafe _ = rd_kafka_ConfigResource_set_config(list[0], name, value)
                }
                unsafe rd_kafka_AlterConfigs(client, &list, 1, options, queue)
                unsafe rd_kafka_ConfigResource_destroy_array(&list, 1)
            }
            try event.checkAltered()
        }
    }

    private func addPartitions(to topic: TopicSpec, until deadline: Deadline) throws(KafkaError) {
        try unsafe run(.alterTopic, .createPartitions, until: deadline) { client, options, queue in
            var reason = [CChar](repeating: 0, count: 256)
            var list: [OpaquePointer?] = unsafe [
                rd_kafka_NewPartitions_new(topic.name, Int(topic.partitions), &reason, reason.count)
            ]
            unsafe rd_kafka_CreatePartitions(client, &list, 1, options, queue)
            unsafe rd_kafka_NewPartitions_destroy_array(&list, 1)
        }
    }

    /// What was set for the topic itself.
    ///
    /// Writing settings replaces them all, so what cannot be read is not changed.
    private func overrides(of topic: String, until deadline: Deadline) throws(KafkaError) -> [String: String] {
        var code = KafkaErrorCode.noSuchFeature
        while let known = try describeSettings(of: [topic], until: deadline) {
            if let found = known[topic], !found.all.isEmpty { return found.overrides }
            code = known[topic] == nil ? .unknownTopicOrPartition : .topicAuthorization
            // Listed and not known is a topic that is on its way to this broker; closed to us it stays.
            if code == .topicAuthorization || deadline.hasPassed { break }
            Pause.shortly()
        }
        throw KafkaError(.alterTopic, code, "its settings cannot be read, so they are not replaced", topic: topic)
    }

    /// `nil` when the cluster cannot describe settings at all.
    private func describeSettings(
        of topics: [String], until deadline: Deadline
    ) throws(KafkaError) -> [String: TopicSettings]? {
        do {
            return try withClient(.describeTopics) { client throws(KafkaError) in
                guard try Self.hasController(client, until: deadline) else { return nil }
                let request = try AdminRequest(client, .describeTopics, .describeConfigs, until: deadline)
                let event = try unsafe request.run { client, options, queue in
                    var list: [OpaquePointer?] = unsafe topics.map {
                        unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0)
                    }
                    unsafe rd_kafka_DescribeConfigs(client, &list, list.count, options, queue)
                    unsafe rd_kafka_ConfigResource_destroy_array(&list, list.count)
                }
                return try event.settings()
            }
        } catch {
            if error.code == .noSuchFeature { return nil }
            throw error
        }
    }

    /// Whether the cluster's controller is one of its brokers.
    ///
    /// The development cluster names one that is not, and a request for settings would wait for it until the deadline.
    private static func hasController(
        _ client: borrowing Client, until deadline: Deadline
    ) throws(KafkaError) -> Bool {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = KafkaErrorCode(unsafe rd_kafka_metadata(client.pointer, 0, nil, &metadata, deadline.milliseconds))
        guard code == .none, let found = unsafe metadata else {
            throw client.explained(KafkaError(.metadata, code))
        }
        defer { unsafe rd_kafka_metadata_destroy(found) }
        let controller = unsafe rd_kafka_controllerid(client.pointer, deadline.milliseconds)
        // Unknown is not absent: the request itself then waits, and says so.
        guard controller >= 0 else { return true }
        let count = Int(unsafe found.pointee.broker_cnt)
        return (0..<count).contains { unsafe found.pointee.brokers[$0].id == controller }
    }

    private func shows(
        _ wanted: [(String, String)], _ topic: String, until deadline: Deadline
    ) throws(KafkaError) -> Bool {
        let now = try describeSettings(of: [topic], until: deadline)?[topic]?.all ?? [:]
        return wanted.allSatisfy { now[$0.0] == $0.1 }
    }
}

// MARK: - What the cluster shows

extension KafkaAdmin {
    /// All topics but Kafka's own.
    private func topics(until deadline: Deadline) throws(KafkaError) -> [String: Client.Presence] {
        try withClient(.metadata) { client throws(KafkaError) in
            try client.listing(until: deadline).filter { !$0.key.hasPrefix("__") }
        }
    }

    private func wait(
        _ operation: KafkaError.Operation, until deadline: Deadline, for condition: ([String: Client.Presence]) -> Bool
    ) throws(KafkaError) {
        var agreeing = 0
        while agreeing < Self.agreeingAnswers {
            if condition(try topics(until: deadline)) {
                agreeing += 1
            } else {
                agreeing = 0
                guard !deadline.hasPassed else {
                    throw KafkaError(operation, .timedOut, "accepted, but the brokers do not show it yet")
                }
                Pause.shortly()
            }
        }
    }

    private func withClient<Answer>(
        _ operation: KafkaError.Operation, _ body: (inout Client) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        guard var taken = client.take() else { throw KafkaError(operation, .destroyed, isFatal: true) }
        let result = Result { () throws(KafkaError) in try body(&taken) }
        client = consume taken
        return try result.get()
    }
}
