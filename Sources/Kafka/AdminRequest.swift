internal import CRdKafka
internal import Core

/// One administrative request: its options and the queue its answer comes to, freed with it.
@safe struct AdminRequest: ~Copyable {
    enum Kind {
        case createTopics, deleteTopics, createPartitions, alterConfigs, describeConfigs, listOffsets, deleteGroups

        var operation: rd_kafka_admin_op_t {
            switch self {
            case .createTopics: RD_KAFKA_ADMIN_OP_CREATETOPICS
            case .deleteTopics: RD_KAFKA_ADMIN_OP_DELETETOPICS
            case .createPartitions: RD_KAFKA_ADMIN_OP_CREATEPARTITIONS
            case .alterConfigs: RD_KAFKA_ADMIN_OP_ALTERCONFIGS
            case .describeConfigs: RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS
            case .listOffsets: RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS
            case .deleteGroups: RD_KAFKA_ADMIN_OP_DELETEGROUPS
            }
        }

        /// Brokers wait this long for the controller's work to be done before they answer.
        var waitsForController: Bool {
            switch self {
            case .createTopics, .deleteTopics, .createPartitions: true
            case .alterConfigs, .describeConfigs, .listOffsets, .deleteGroups: false
            }
        }
    }

    private let client: OpaquePointer
    private let options: OpaquePointer
    private let queue: OpaquePointer
    private let operation: KafkaError.Operation
    private let deadline: Deadline

    init(
        _ client: borrowing Client, _ operation: KafkaError.Operation, _ kind: Kind, until deadline: Deadline
    ) throws(KafkaError) {
        guard let options = unsafe rd_kafka_AdminOptions_new(client.pointer, kind.operation),
            let queue = unsafe rd_kafka_queue_new(client.pointer)
        else { fatalError("librdkafka is out of memory") }
        unsafe self.client = client.pointer
        unsafe self.options = options
        unsafe self.queue = queue
        self.operation = operation
        self.deadline = deadline
        var reason = [CChar](repeating: 0, count: 256)
        let wait = deadline.milliseconds
        unsafe _ = rd_kafka_AdminOptions_set_request_timeout(options, wait, &reason, reason.count)
        if kind.waitsForController {
            unsafe _ = rd_kafka_AdminOptions_set_operation_timeout(options, wait, &reason, reason.count)
        }
        if case .listOffsets = kind, let error = unsafe rd_kafka_AdminOptions_set_require_stable_offsets(options, 1) {
            unsafe rd_kafka_error_destroy(error)
        }
    }

    /// Sends the request and waits for its answer.
    func run(
        _ send: (_ client: OpaquePointer, _ options: OpaquePointer, _ queue: OpaquePointer) -> Void
    ) throws(KafkaError) -> AdminEvent {
        unsafe send(client, options, queue)
        // librdkafka answers by the request's own timeout; the margin is for its threads.
        guard let event = unsafe rd_kafka_queue_poll(queue, deadline.milliseconds + 1_000) else {
            throw KafkaError(operation, .timedOut, "no broker answered")
        }
        return try unsafe AdminEvent(taking: event, operation)
    }

    deinit {
        unsafe rd_kafka_queue_destroy(queue)
        unsafe rd_kafka_AdminOptions_destroy(options)
    }
}

/// Sole owner of the answer to an administrative request.
@safe struct AdminEvent: ~Copyable {
    private let event: OpaquePointer
    private let operation: KafkaError.Operation

    init(taking event: OpaquePointer, _ operation: KafkaError.Operation) throws(KafkaError) {
        unsafe self.event = event
        self.operation = operation
        let code = KafkaErrorCode(unsafe rd_kafka_event_error(event))
        guard code == .none else {
            throw KafkaError(
                operation, code, unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) })
        }
    }

    deinit { unsafe rd_kafka_event_destroy(event) }
}

extension AdminEvent {
    /// Throws for the first topic that was refused, if any.
    func check(_ kind: AdminRequest.Kind) throws(KafkaError) {
        if let refusal = refusals(kind).first { throw refusal }
    }

    /// What was refused, each with its topic; the others were done.
    func refusals(_ kind: AdminRequest.Kind) -> [KafkaError] {
        var count = 0
        let results: UnsafeMutablePointer<OpaquePointer?>?
        switch kind {
        case .createTopics:
            unsafe results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        case .deleteTopics:
            unsafe results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
        case .createPartitions:
            unsafe results = rd_kafka_CreatePartitions_result_topics(
                rd_kafka_event_CreatePartitions_result(event), &count)
        case .alterConfigs, .describeConfigs, .listOffsets, .deleteGroups: return []
        }
        var refusals: [KafkaError] = []
        for index in 0..<count {
            guard let topic = unsafe results?[index] else { continue }
            let code = KafkaErrorCode(unsafe rd_kafka_topic_result_error(topic))
            guard code != .none else { continue }
            unsafe refusals.append(
                KafkaError(
                    operation, code, rd_kafka_topic_result_error_string(topic).map { unsafe String(cString: $0) },
                    topic: rd_kafka_topic_result_name(topic).map { unsafe String(cString: $0) }))
        }
        return refusals
    }

    func storedOffsets(of group: String) throws(KafkaError) -> [PartitionList.Entry] {
        let answer = try unsafe groupResult(group, deleted: false)
        guard let list = unsafe rd_kafka_group_result_partitions(answer) else { return [] }
        let entries = unsafe PartitionList.entries(of: list)
        if let bad = entries.first(where: { $0.code != .none }) {
            throw KafkaError(operation, bad.code, topic: bad.source.topic, partition: bad.source.partition)
        }
        return entries
    }

    func checkDeleted(_ group: String) throws(KafkaError) { unsafe _ = try groupResult(group, deleted: true) }

    private func groupResult(_ group: String, deleted: Bool) throws(KafkaError) -> OpaquePointer {
        var count = 0
        let results =
            unsafe deleted
            ? rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count)
            : rd_kafka_ListConsumerGroupOffsets_result_groups(
                rd_kafka_event_ListConsumerGroupOffsets_result(event), &count)
        guard count == 1, let answer = unsafe results?[0] else {
            throw KafkaError(operation, .badMessage, "no answer about group '\(group)'")
        }
        if let error = unsafe rd_kafka_group_result_error(answer) {
            // The error belongs to the answer: it is copied, not freed.
            throw unsafe KafkaError(
                operation, KafkaErrorCode(rd_kafka_error_code(error)), String(cString: rd_kafka_error_string(error)))
        }
        return unsafe answer
    }

    /// Settings of each topic described, and which of them were set for the topic itself.
    ///
    /// One topic must not hide the others: those of a topic that is closed to us are empty, and one that the broker
    /// does not know (any more, or yet) is absent.
    func settings() throws(KafkaError) -> [String: TopicSettings] {
        var count = 0
        let resources =
            unsafe rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
        var found: [String: TopicSettings] = [:]
        for index in 0..<count {
            guard let resource = unsafe resources?[index] else { continue }
            let name = unsafe rd_kafka_ConfigResource_name(resource).map { unsafe String(cString: $0) } ?? ""
            let code = KafkaErrorCode(unsafe rd_kafka_ConfigResource_error(resource))
            if code.kind == .unknownTopic { continue }
            if code != .topicAuthorization { try unsafe check(resource, name) }
            found[name] = unsafe TopicSettings(of: resource)
        }
        return found
    }

    func checkAltered() throws(KafkaError) {
        var count = 0
        let resources =
            unsafe rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event), &count)
        for index in 0..<count {
            guard let resource = unsafe resources?[index] else { continue }
            try unsafe check(resource, rd_kafka_ConfigResource_name(resource).map { unsafe String(cString: $0) } ?? "")
        }
    }

    private func check(_ resource: OpaquePointer, _ name: String) throws(KafkaError) {
        let code = KafkaErrorCode(unsafe rd_kafka_ConfigResource_error(resource))
        guard code != .none else { return }
        let text = unsafe rd_kafka_ConfigResource_error_string(resource).map { unsafe String(cString: $0) }
        throw KafkaError(operation, code, text, topic: name)
    }
}

/// The settings of one topic: all that are in force, and those the topic itself overrides.
struct TopicSettings {
    private(set) var all: [String: String] = [:]
    private(set) var overrides: [String: String] = [:]

    init(of resource: OpaquePointer) {
        var count = 0
        let entries = unsafe rd_kafka_ConfigResource_configs(resource, &count)
        for index in 0..<count {
            guard let entry = unsafe entries?[index], let name = unsafe rd_kafka_ConfigEntry_name(entry),
                let value = unsafe rd_kafka_ConfigEntry_value(entry)
            else { continue }
            let key = unsafe String(cString: name)
            let text = unsafe String(cString: value)
            all[key] = text
            if unsafe rd_kafka_ConfigEntry_source(entry) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG {
                overrides[key] = text
            }
        }
    }
}
