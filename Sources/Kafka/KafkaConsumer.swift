internal import CRdKafka
public import Core
internal import Threading

/// Reads partitions from explicit positions, read-committed, at the pace of whoever asks.
///
/// It belongs to no group and stores nothing. What it fetches ahead lies in one queue with named limits; when that
/// is full fetching pauses, so a caller that falls behind costs no memory. An offset outside the log is an error.
@safe public actor KafkaConsumer {
    /// Messages popped at once: what one batch did not take waits in `carried`, so this bounds it.
    static let piece = 1_000

    private let executor: BlockingExecutor
    private let settings: KafkaSettings
    private let waker: Waker
    private var client: Client?
    private var builder = BatchBuilder()
    private var failure: KafkaError?
    private var sources = SourceTable()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    public init(_ settings: KafkaSettings) throws(KafkaError) {
        var client = try Client(settings, for: .reader)
        guard let queue = unsafe rd_kafka_queue_new(client.pointer) else { fatalError("librdkafka is out of memory") }
        waker = unsafe Waker(queue)
        unsafe client.queue = queue
        self.client = consume client
        self.settings = settings
        executor = BlockingExecutor("kafka consumer")
    }

    /// Starts reading these partitions, each at its offset, besides those read already.
    public func assign(_ positions: [TopicPartition: Int64]) throws(KafkaError) {
        let deadline = Deadline(after: settings.requestTimeout)
        for (source, offset) in positions.sorted(by: { $0.key < $1.key }) {
            precondition(offset >= 0, "positions are explicit offsets")
            let topic = try unsafe handle(of: source, until: deadline)
            guard unsafe rd_kafka_consume_start_queue(topic, source.partition, offset, queue) == 0 else {
                throw KafkaError(
                    .assign, KafkaErrorCode(rd_kafka_last_error()), topic: source.topic, partition: source.partition)
            }
            sources.add(source, handle: UInt(bitPattern: topic), next: offset)
        }
    }

    /// Stops reading these partitions; what was fetched of them is dropped.
    public func unassign(_ partitions: [TopicPartition]) throws(KafkaError) {
        let deadline = Deadline(after: settings.requestTimeout)
        for source in partitions where sources.next(of: source) != nil {
            let topic = try unsafe handle(of: source, until: deadline)
            unsafe _ = rd_kafka_consume_stop(topic, source.partition)
            sources.remove(source)
        }
        unsafe carried.removeAll { message in
            guard unsafe sources.index(of: message) == nil else { return false }
            unsafe rd_kafka_message_destroy(message)
            return true
        }
    }

    /// Reads a partition again from where the caller stands, after an error that turned out to be a passing one.
    public func restart(_ source: TopicPartition) throws(KafkaError) {
        guard let offset = sources.next(of: source) else { return }
        failure = nil
        try unassign([source])
        try assign([source: offset])
    }

    /// Fetches no more of these partitions until `resume`; what was fetched ahead is fetched again then.
    public func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(partitions)
        try unsafe change { unsafe rd_kafka_pause_partitions($0, list.pointer) }
    }

    public func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(partitions)
        try unsafe change { unsafe rd_kafka_resume_partitions($0, list.pointer) }
    }

    /// Messages fetched ahead and not yet handed out.
    public var queued: Int { unsafe (queue.map { unsafe Int(rd_kafka_queue_length($0)) } ?? 0) + carried.count }

    /// Where the reader stands in a partition it reads.
    public func position(of source: TopicPartition) -> Int64? { sources.next(of: source) }

    public var latestStatistics: String? { client?.context.latestStatistics }

    /// Serves what waits to be reported, when nobody asks for records for long.
    public func serve() { client?.poll() }

    /// Ends a wait that goes on in `next`; that call then answers with what it has.
    public nonisolated func interrupt() { waker.wake() }

    public nonisolated func close() async {
        waker.wake()
        await end()
    }

    private func end() {
        waker.retire()
        for (source, topic) in sources.handles {
            unsafe _ = rd_kafka_consume_stop(OpaquePointer(bitPattern: topic), source.partition)
        }
        sources = SourceTable()
        client?.end()
        client = nil
    }

    /// What was fetched lies with the client, so that it is freed before it, whoever lets go.
    private var queue: OpaquePointer? { unsafe client?.queue }

    private var carried: [UnsafeMutablePointer<rd_kafka_message_t>] {
        get { unsafe client?.carried ?? [] }
        set { unsafe client?.carried = newValue }
    }
}

// MARK: - Reading

extension KafkaConsumer {
    /// The next records, or an empty batch when none came within the wait.
    ///
    /// Errors come after the records that were fetched before them; the positions stay where they were, so a
    /// retriable one may simply be retried.
    public func next(
        waiting limit: Duration, maximumRecords: Int = 10_000, maximumBytes: Int = 8 << 20, headers: Bool = true
    ) throws(KafkaError) -> RecordBatch {
        guard client != nil else { throw KafkaError(.consume, .destroyed, isFatal: true) }
        client?.poll()
        if let failed = failure {
            if failed.isRetriable { failure = nil }
            throw failed
        }
        builder.begin(maximumRecords: maximumRecords, maximumBytes: maximumBytes, headers: headers)
        var moved = Set<Int>()
        let deadline = Deadline(after: limit)
        var waits = limit > .zero
        while builder.count < maximumRecords, failure == nil {
            // The first wait is for one message: asking for more would wait until all of them are there.
            let wait = builder.count == 0 && moved.isEmpty && waits
            let wanted = wait ? 1 : min(Self.piece, maximumRecords - builder.count)
            let messages = unsafe take(wanted, wait: wait ? deadline.milliseconds : 0)
            if unsafe messages.isEmpty { break }
            waits = waits && !deadline.hasPassed
            guard unsafe sort(messages, &moved) else { break }
        }
        let batch = builder.build(sources: sources.list, next: sources.positions(of: moved))
        if batch.isEmpty, moved.isEmpty, let failed = failure {
            if failed.isRetriable { failure = nil }
            throw failed
        }
        return batch
    }

    private func take(_ count: Int, wait: Int32) -> [UnsafeMutablePointer<rd_kafka_message_t>] {
        if unsafe !carried.isEmpty {
            defer { unsafe carried = [] }
            return unsafe carried
        }
        guard let queue = unsafe queue else { return unsafe [] }
        return unsafe [UnsafeMutablePointer<rd_kafka_message_t>](unsafeUninitializedCapacity: count) { room, filled in
            unsafe room.withMemoryRebound(to: UnsafeMutablePointer<rd_kafka_message_t>?.self) { room in
                filled = unsafe max(0, rd_kafka_consume_batch_queue(queue, wait, room.baseAddress, count))
            }
        }
    }

    /// Puts records into the batch and follows ends of partitions, until the batch is full or an error comes.
    private func sort(
        _ messages: [UnsafeMutablePointer<rd_kafka_message_t>], _ moved: inout Set<Int>
    ) -> Bool {
        // Consecutive messages mostly come from one partition: it is noted once, not for each of them.
        var noted = -1
        for index in unsafe messages.indices {
            let message = unsafe messages[index]
            let code = KafkaErrorCode(unsafe message.pointee.err)
            let source = unsafe sources.index(of: message)
            guard code == .none, let source else {
                // The end of a partition lies behind its markers and aborted records: the position passes them.
                if code == .partitionEnd, let source, unsafe sources.move(source, to: message.pointee.offset) {
                    moved.insert(source)
                } else if code != .none, code != .partitionEnd {
                    failure = unsafe describe(message, code, source)
                }
                unsafe rd_kafka_message_destroy(message)
                guard failure == nil else { return unsafe keep(messages[(index + 1)...]) }
                continue
            }
            guard unsafe builder.add(message, source: source) else { return unsafe keep(messages[index...]) }
            if unsafe sources.move(source, to: message.pointee.offset + 1), source != noted {
                moved.insert(source)
                noted = source
            }
            unsafe rd_kafka_message_destroy(message)
        }
        return true
    }

    private func keep(_ rest: ArraySlice<UnsafeMutablePointer<rd_kafka_message_t>>) -> Bool {
        unsafe carried = Array(rest)
        return false
    }

    private func describe(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ code: KafkaErrorCode, _ source: Int?
    ) -> KafkaError {
        let text = unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) }
        let place = source.map { sources.list[$0] }
        return KafkaError(.consume, code, text, topic: place?.topic, partition: place?.partition)
    }

    private func handle(of source: TopicPartition, until deadline: Deadline) throws(KafkaError) -> OpaquePointer {
        guard var taken = client.take() else { throw KafkaError(.assign, .destroyed, isFatal: true) }
        let checks = settings.unknownTopicChecks
        let found = Result { () throws(KafkaError) in
            try taken.topic(source.topic, checks: checks, until: deadline)
        }
        client = consume taken
        let topic = try found.get()
        guard (0..<topic.partitions).contains(source.partition) else {
            throw KafkaError(.assign, .unknownPartitionHere, topic: source.topic, partition: source.partition)
        }
        return unsafe topic.handle
    }

    private func change(_ call: (OpaquePointer) -> rd_kafka_resp_err_t) throws(KafkaError) {
        guard let pointer = unsafe client?.pointer else { throw KafkaError(.assign, .destroyed, isFatal: true) }
        let code = KafkaErrorCode(unsafe call(pointer))
        guard code == .none else { throw KafkaError(.assign, code) }
    }
}
