internal import CRdKafka
internal import Core

/// The requests behind the calls, one each.
extension KafkaAdmin {
    /// Asks for the topics and answers what was refused.
    func request(_ topics: [TopicSpec], until deadline: Deadline) throws(KafkaError) -> [KafkaError] {
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

    func run(
        _ operation: KafkaError.Operation, _ kind: AdminRequest.Kind, until deadline: Deadline,
        _ send: (OpaquePointer, OpaquePointer, OpaquePointer) -> Void
    ) throws(KafkaError) {
        try withClient(operation) { client throws(KafkaError) in
            let request = try AdminRequest(client, operation, kind, until: deadline)
            let event = try unsafe request.run(send)
            try event.check(kind)
        }
    }

    func alter(_ topic: String, to settings: [String: String], until deadline: Deadline) throws(KafkaError) {
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

    func addPartitions(to topic: TopicSpec, until deadline: Deadline) throws(KafkaError) {
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
    func overrides(of topic: String, until deadline: Deadline) throws(KafkaError) -> [String: String] {
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
    func describeSettings(
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

    func shows(
        _ wanted: [(String, String)], _ topic: String, until deadline: Deadline
    ) throws(KafkaError) -> Bool {
        let now = try describeSettings(of: [topic], until: deadline)?[topic]?.all ?? [:]
        return wanted.allSatisfy { now[$0.0] == $0.1 }
    }
}
