internal import CRdKafka
internal import Core
internal import Synchronization
internal import Threading

/// The thread of a group member: it serves the handle, answers rebalances, and tells the owner.
@safe actor MemberPump {
    /// What other threads ask of the pump; they wake it afterwards.
    private struct Wishes {
        var released: Set<Int32> = []
        var stop = false
    }

    private struct Held {
        var partitions: Set<Int32>
        let all: Set<Int32>
        let deadline: Deadline
    }

    private let executor: BlockingExecutor
    private let settings: KafkaSettings
    private let topic: String
    private let mailbox: Mailbox<KafkaMember.News>
    private nonisolated let wishes = Mutex(Wishes())
    private nonisolated let waker: Waker
    private var client: Client?
    private var held: Held?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(
        _ settings: KafkaSettings, group: String, topic: String, mailbox: Mailbox<KafkaMember.News>
    ) throws(KafkaError) {
        var client = try Client(settings, for: .member(group: group))
        unsafe rd_kafka_poll_set_consumer(client.pointer)
        guard let queue = unsafe rd_kafka_queue_get_consumer(client.pointer) else {
            fatalError("a group consumer has a queue")
        }
        waker = unsafe Waker(queue)
        unsafe client.queue = queue
        self.client = consume client
        self.settings = settings
        self.topic = topic
        self.mailbox = mailbox
        executor = BlockingExecutor("kafka member")
    }

    private var queue: OpaquePointer? { unsafe client?.queue }

    func join() throws(KafkaError) {
        guard var taken = client.take() else { throw KafkaError(.join, .destroyed, isFatal: true) }
        let deadline = Deadline(after: settings.requestTimeout)
        let checks = settings.unknownTopicChecks
        let found = Result { () throws(KafkaError) in try taken.topic(topic, checks: checks, until: deadline) }
        let pointer = unsafe taken.pointer
        client = consume taken
        _ = try found.get()
        let list = PartitionList([TopicPartition(topic, RD_KAFKA_PARTITION_UA)])
        let code = KafkaErrorCode(unsafe rd_kafka_subscribe(pointer, list.pointer))
        guard code == .none else { throw KafkaError(.join, code, topic: topic) }
    }

    nonisolated func release(_ partitions: Set<Int32>) {
        wishes.withLock { $0.released.formUnion(partitions) }
        waker.wake()
    }

    nonisolated func stop() {
        wishes.withLock { $0.stop = true }
        waker.wake()
    }

    /// Runs once `run` has ended: they share one executor.
    func left() { end() }

    /// Serves the handle until told to stop; this is the executor's whole work.
    func run() {
        while let queue = unsafe queue, !wishes.withLock({ $0.stop }) {
            if let event = unsafe rd_kafka_queue_poll(queue, 100) { unsafe answer(event) }
            let released = wishes.withLock { wishes in
                defer { wishes.released = [] }
                return wishes.released
            }
            held?.partitions.subtract(released)
            if let held, held.partitions.isEmpty || held.deadline.hasPassed { letGo(held.all) }
        }
        leave()
        end()
    }

    private func answer(_ event: OpaquePointer) {
        defer { unsafe rd_kafka_event_destroy(event) }
        if unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE {
            unsafe rebalance(event)
        } else if unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR {
            let code = KafkaErrorCode(unsafe rd_kafka_event_error(event))
            guard Self.concernsOwner(code) else { return }
            let text = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) }
            post(.failure(KafkaError(.join, code, text, topic: topic)))
        }
    }

    /// What librdkafka mends by itself is no news, nor is what it says of offsets that nobody here reads at.
    private static func concernsOwner(_ code: KafkaErrorCode) -> Bool {
        switch code {
        case .none, .partitionEnd, .offsetReset, .offsetOutOfRange: return false
        default: break
        }
        switch code.kind {
        case .unavailable, .timedOut, .unknownTopic: return false
        case .fenced, .unknownPartition, .refused, .damaged, .closed, .failed: return true
        }
    }

    private func rebalance(_ event: OpaquePointer) {
        guard let client = unsafe client?.pointer else { return }
        let partitions = Set(
            unsafe rd_kafka_event_topic_partition_list(event).map { list in
                unsafe PartitionList.entries(of: list).filter { $0.source.topic == topic }.map(\.source.partition)
            } ?? [])
        if unsafe rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            take(partitions)
        } else if unsafe rd_kafka_assignment_lost(client) != 0 {
            post(.change(.lost(partitions)))
            letGo(partitions)
        } else if partitions.isEmpty {
            letGo(partitions)
        } else {
            held = Held(
                partitions: partitions, all: partitions, deadline: Deadline(after: settings.revocationTimeout))
            post(.change(.revoked(partitions)))
        }
    }

    /// Owns the partitions and fetches nothing of them: reading is the business of another handle.
    private func take(_ partitions: Set<Int32>) {
        guard let client = unsafe client?.pointer else { return }
        // An offset of our own choice, or librdkafka would look for stored ones and fail for want of them.
        let list = PartitionList(partitions.map { TopicPartition(topic, $0) }, offset: 0)
        let error = unsafe KafkaError(.join, taking: rd_kafka_incremental_assign(client, list.pointer))
        unsafe _ = rd_kafka_pause_partitions(client, list.pointer)
        if let error { return post(.failure(error)) }
        if !partitions.isEmpty { post(.change(.granted(partitions))) }
    }

    private func letGo(_ partitions: Set<Int32>) {
        held = nil
        guard let client = unsafe client?.pointer else { return }
        let list = PartitionList(partitions.map { TopicPartition(topic, $0) })
        if let error = unsafe KafkaError(.join, taking: rd_kafka_incremental_unassign(client, list.pointer)) {
            post(.failure(error))
        }
    }

    /// News nobody has read yet stay few: grants are joined, and a loss makes earlier ones of no use.
    private func post(_ news: KafkaMember.News) {
        mailbox.post(news) { last, new in
            switch (last, new) {
            case (.change(.granted(let first)), .change(.granted(let second))): .change(.granted(first.union(second)))
            case (.change(.lost(let first)), .change(.lost(let second))): .change(.lost(first.union(second)))
            case (.failure, .failure): new
            default: nil
            }
        }
    }

    /// Gives everything back and says goodbye to the coordinator, so that others need not wait for a timeout.
    private func leave() {
        guard let queue = unsafe queue, let client = unsafe client?.pointer else { return }
        if let held { letGo(held.all) }
        if let error = unsafe rd_kafka_consumer_close_queue(client, queue) { unsafe rd_kafka_error_destroy(error) }
        let deadline = Deadline(after: settings.requestTimeout)
        while unsafe rd_kafka_consumer_closed(client) == 0, !deadline.hasPassed {
            guard let event = unsafe rd_kafka_queue_poll(queue, 50) else { continue }
            if unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE {
                if unsafe rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
                    unsafe _ = rd_kafka_assign(client, nil)
                } else if let list = unsafe rd_kafka_event_topic_partition_list(event),
                    let error = unsafe rd_kafka_incremental_unassign(client, list)
                {
                    unsafe rd_kafka_error_destroy(error)
                }
            }
            unsafe rd_kafka_event_destroy(event)
        }
    }

    private func end() {
        waker.retire()
        client?.end()
        client = nil
    }
}
