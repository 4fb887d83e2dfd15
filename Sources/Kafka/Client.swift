internal import CRdKafka
internal import Dispatch

/// Sole owner of an `rd_kafka_t` and of the topic handles made from it; both end when it does, in the right order.
@safe struct Client: ~Copyable {
    let pointer: OpaquePointer
    let context: ClientContext
    private let role: Role
    private var topics: [String: Topic] = [:]
    private var isEnded = false
    /// A consumer's own queue, and what was taken from it and not yet handed out.
    var queue: OpaquePointer?
    var carried: [UnsafeMutablePointer<rd_kafka_message_t>] = unsafe []

    @safe struct Topic {
        let handle: OpaquePointer
        var partitions: Int32
    }

    init(_ settings: KafkaSettings, for role: Role) throws(KafkaError) {
        var configuration = try Configuration(settings, for: role)
        let context = ClientContext(settings)
        context.register(in: configuration, producing: role.isProducer)
        if case .member = role {
            unsafe configuration.withPointer {
                unsafe rd_kafka_conf_set_events($0, RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_FETCH)
            }
        }
        var reason = [CChar](repeating: 0, count: 512)
        let created = unsafe configuration.consumed { configuration in
            unsafe rd_kafka_new(
                role.isProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, configuration, &reason, reason.count)
        }
        guard let created = unsafe created else {
            throw KafkaError(.configure, .invalidArgument, reason.text)
        }
        unsafe pointer = created
        self.context = context
        self.role = role
    }

    var isTransactional: Bool {
        switch role {
        case .writer: true
        case .sender, .reader, .member, .observer: false
        }
    }

    /// Serves callbacks that wait: statistics, errors, late delivery reports.
    func poll() { unsafe _ = rd_kafka_poll(pointer, 0) }

    /// The error behind `_FATAL`, or the one given.
    func explained(_ error: KafkaError) -> KafkaError {
        var text = [CChar](repeating: 0, count: 512)
        let code = KafkaErrorCode(unsafe rd_kafka_fatal_error(pointer, &text, text.count))
        guard code != .none, error.isFatal || error.code == .fatal || error.code == .state else {
            return named(error)
        }
        var fatal = KafkaError(error.operation, code, text.text, isRetriable: false, isFatal: true)
        fatal.topic = error.topic
        fatal.partition = error.partition
        return fatal
    }

    /// The failure librdkafka handed us, if any, with what is really behind it.
    func failure(_ operation: KafkaError.Operation, _ error: OpaquePointer?) -> KafkaError? {
        guard let error = unsafe KafkaError(operation, taking: error) else { return nil }
        if error.code == .state, error.requiresAbort, let cause = transactionTrouble(operation) { return cause }
        return explained(error)
    }

    /// A refused login or certificate shows only as silence: say what was refused instead.
    private func named(_ error: KafkaError) -> KafkaError {
        guard error.code.kind == .timedOut || error.code.kind == .unavailable else { return error }
        poll()
        guard let trouble = context.trouble else { return error }
        return KafkaError(error.operation, trouble.code, trouble.text, topic: error.topic, isRetriable: false)
    }

    /// Frees everything, in the order librdkafka needs, and waits for its threads.
    mutating func end() {
        guard !isEnded else { return }
        isEnded = true
        unsafe Self.free(pointer, queue, carried, topics.values.map(\.handle), role)
    }

    private static func free(
        _ pointer: OpaquePointer, _ queue: OpaquePointer?, _ carried: [UnsafeMutablePointer<rd_kafka_message_t>],
        _ topics: [OpaquePointer], _ role: Role
    ) {
        for index in unsafe carried.indices { unsafe rd_kafka_message_destroy(carried[index]) }
        if let queue = unsafe queue { unsafe rd_kafka_queue_destroy(queue) }
        for index in unsafe topics.indices { unsafe rd_kafka_topic_destroy(topics[index]) }
        // Closing a group consumer is its owner's business and done before; destroying must not block on it.
        unsafe rd_kafka_destroy_flags(pointer, role.isProducer ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }

    // Whoever let go last may stand on a thread that must not block: the wait is moved to one that may. The context
    // goes along, for callbacks still come while librdkafka ends.
    deinit {
        guard !isEnded else { return }
        nonisolated(unsafe) let (pointer, queue, carried) = unsafe (pointer, queue, carried)
        nonisolated(unsafe) let handles = unsafe topics.values.map(\.handle)
        let (context, role) = (context, role)
        DispatchQueue.global().async {
            unsafe Self.free(pointer, queue, carried, handles, role)
            withExtendedLifetime(context) {}
        }
    }
}

extension Client {
    /// The handle of a topic that exists, with its partition count.
    ///
    /// Asking also fills the metadata cache, without which a producer's first record waits a second.
    mutating func topic(
        _ name: String, checks: Int, until deadline: Deadline
    ) throws(KafkaError) -> Topic {
        if let known = topics[name], known.partitions > 0 { return known }
        return try refresh(name, checks: checks, until: deadline)
    }

    /// Asks the cluster again, for partitions may have been added.
    @discardableResult
    mutating func refresh(_ name: String, checks: Int, until deadline: Deadline) throws(KafkaError) -> Topic {
        guard !name.isEmpty else { throw KafkaError(.metadata, .unknownTopicHere, topic: name) }
        try verifyListed(name, checks: checks, until: deadline)
        let handle: OpaquePointer
        if let known = topics[name] {
            unsafe handle = known.handle
        } else {
            guard let made = unsafe rd_kafka_topic_new(pointer, name, nil) else {
                throw KafkaError(.metadata, KafkaErrorCode(rd_kafka_last_error()), topic: name)
            }
            unsafe handle = made
        }
        topics[name] = unsafe Topic(handle: handle, partitions: 0)
        let count = try unsafe partitionCount(of: handle, name, checks: checks, until: deadline)
        let topic = unsafe Topic(handle: handle, partitions: count)
        topics[name] = topic
        return topic
    }

    /// Forgets what was believed of a topic; the handle stays, for librdkafka may still use it.
    mutating func forget(_ name: String) { topics[name]?.partitions = 0 }

    /// Looks a topic up in the list of all topics: asking for one by its name may make it, on brokers that create
    /// topics on demand and do not know the flag against it.
    private func verifyListed(_ name: String, checks: Int, until deadline: Deadline) throws(KafkaError) {
        var missing = 0
        while missing < checks {
            do {
                if try listing(until: deadline)[name] != nil { return }
                missing += 1
            } catch {
                guard error.isRetriable, !deadline.hasPassed else { throw error }
            }
            if missing < checks { Pause.shortly() }
        }
        throw KafkaError(.metadata, .unknownTopicOrPartition, topic: name)
    }

    struct Presence {
        let partitions: Int32
        /// Partitions that somebody leads: only these can be written and read.
        let led: Int32
    }

    /// All topics this login may see.
    func listing(until deadline: Deadline) throws(KafkaError) -> [String: Presence] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = KafkaErrorCode(unsafe rd_kafka_metadata(pointer, 1, nil, &metadata, deadline.milliseconds))
        guard code == .none, let found = unsafe metadata else { throw explained(KafkaError(.metadata, code)) }
        defer { unsafe rd_kafka_metadata_destroy(found) }
        var topics: [String: Presence] = [:]
        for index in 0..<Int(unsafe found.pointee.topic_cnt) {
            let topic = unsafe found.pointee.topics[index]
            let partitions = unsafe UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt))
            let led = unsafe partitions.count(where: { unsafe $0.leader >= 0 })
            topics[unsafe String(cString: topic.topic)] = Presence(
                partitions: unsafe topic.partition_cnt, led: Int32(clamping: led))
        }
        return topics
    }

    /// How many brokers there are now, which is how many copies of a partition can be made.
    func brokerCount(until deadline: Deadline) throws(KafkaError) -> Int32 {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = KafkaErrorCode(unsafe rd_kafka_metadata(pointer, 0, nil, &metadata, deadline.milliseconds))
        guard code == .none, let found = unsafe metadata else { throw explained(KafkaError(.metadata, code)) }
        defer { unsafe rd_kafka_metadata_destroy(found) }
        return max(1, unsafe found.pointee.broker_cnt)
    }

    private func partitionCount(
        of handle: OpaquePointer, _ name: String, checks: Int, until deadline: Deadline
    ) throws(KafkaError) -> Int32 {
        var missing = 0
        while true {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = KafkaErrorCode(
                unsafe rd_kafka_metadata(pointer, 0, handle, &metadata, deadline.milliseconds))
            var answer = code
            var count: Int32 = 0
            if let found = unsafe metadata {
                if unsafe found.pointee.topic_cnt == 1 {
                    answer = KafkaErrorCode(unsafe found.pointee.topics[0].err)
                    count = unsafe found.pointee.topics[0].partition_cnt
                } else {
                    answer = .unknownTopicOrPartition
                }
                unsafe rd_kafka_metadata_destroy(found)
            }
            if answer == .none, count > 0 { return count }
            if answer == .none || answer.kind == .unknownTopic {
                missing += 1
                if missing >= checks { throw KafkaError(.metadata, .unknownTopicOrPartition, topic: name) }
            } else if answer.kind != .unavailable || deadline.hasPassed {
                throw explained(KafkaError(.metadata, answer, topic: name))
            }
            Pause.shortly()
        }
    }
}
