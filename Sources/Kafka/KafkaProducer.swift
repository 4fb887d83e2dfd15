internal import CRdKafka
public import Core
internal import Threading

/// An idempotent producer; with a transactional id, each append is one transaction of records and positions.
///
/// Every call into librdkafka runs on an executor of its own, one append at a time. An append that throws left
/// nothing behind, unless its error says that the outcome is unknown. After a fatal error the producer is dead: each
/// further call throws the same error, and only a new producer goes on.
public actor KafkaProducer {
    private enum State {
        case ready
        /// A transaction could not be aborted in time: that comes before anything new.
        case abortPending
        case dead(KafkaError)
    }

    private let executor: BlockingExecutor
    private let settings: KafkaSettings
    private let isTransactional: Bool
    private var client: Client?
    private var state = State.ready

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Makes the handle; nothing is sent yet.
    ///
    /// A property librdkafka does not take is refused here, by name.
    public init(_ settings: KafkaSettings, transactionalID: String? = nil) throws(KafkaError) {
        let role: Role = transactionalID.map { .writer(transactionalID: $0) } ?? .sender
        client = try Client(settings, for: role)
        executor = BlockingExecutor("kafka producer")
        self.settings = settings
        isTransactional = transactionalID != nil
    }

    /// Takes the transactional id over: fences its former holder and ends what that one left open.
    public func initialize() throws(KafkaError) {
        let deadline = Deadline(after: settings.requestTimeout)
        try unsafe repeating(.initialize, until: deadline) { unsafe rd_kafka_init_transactions($0, $1) }
    }

    /// Writes all records and positions, or none, and says where each record lies.
    public func append(
        _ records: [NewRecord], positions: [ConsumerPosition] = []
    ) throws(KafkaError) -> [RecordPosition] {
        guard isTransactional else {
            precondition(positions.isEmpty, "positions need a transaction")
            return try send(records)
        }
        guard !records.isEmpty || !positions.isEmpty else { return [] }
        let deadline = Deadline(after: settings.appendTimeout)
        do {
            return try transact(records, positions, until: deadline)
        } catch {
            // librdkafka finds the gap that an earlier, refused append left in its sequence only now. Nothing of
            // this append was sent, the abort drew a new epoch, and so it may be repeated.
            guard error.code == .outOfOrderSequence, error.requiresAbort, !error.isFatal else { throw error }
            return try transact(records, positions, until: deadline)
        }
    }

    private func transact(
        _ records: [NewRecord], _ positions: [ConsumerPosition], until deadline: Deadline
    ) throws(KafkaError) -> [RecordPosition] {
        try settleFormerTransaction()
        try lookUp(records, until: deadline)
        try begin()
        let written: [RecordPosition]
        do {
            try produce(records, until: deadline)
            try send(positions, until: deadline)
            written = try delivered(records, until: deadline)
        } catch {
            // Its topic may be gone, or closed to us for a while: the next append looks it up again.
            if let topic = error.topic { client?.forget(topic) }
            throw abandon(because: error)
        }
        try commit()
        return written
    }

    /// Writes the records in a transaction and aborts it: what a reader must pass without seeing.
    public func discard(_ records: [NewRecord]) throws(KafkaError) {
        try leaveOpen(records)
        if let error = abort() { throw error }
    }

    /// Writes the records and does not end their transaction: what an owner that died leaves behind.
    public func leaveOpen(_ records: [NewRecord]) throws(KafkaError) {
        let deadline = Deadline(after: settings.appendTimeout)
        try settleFormerTransaction()
        try lookUp(records, until: deadline)
        try begin()
        state = .abortPending
        try produce(records, until: deadline)
        _ = try delivered(records, until: deadline)
    }

    /// Records without a transaction: each is written once, but a failure may leave some of them written.
    private func send(_ records: [NewRecord]) throws(KafkaError) -> [RecordPosition] {
        let deadline = Deadline(after: settings.appendTimeout)
        try lookUp(records, until: deadline)
        try produce(records, until: deadline)
        do {
            return try delivered(records, until: deadline)
        } catch {
            try withClient(.produce) { client in
                unsafe _ = rd_kafka_purge(client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
                client.poll()
            }
            throw error
        }
    }

    /// Serves what waits to be reported; a timer's business when nothing is appended for long.
    public func serve() {
        client?.poll()
    }

    public var latestStatistics: String? { client?.context.latestStatistics }

    /// Ends the handle.
    ///
    /// An open transaction is left to the next owner of the id, who aborts it.
    public func close() {
        client?.end()
        client = nil
        if case .dead = state { return }
        state = .dead(KafkaError(.produce, .destroyed, isFatal: true))
    }
}

// MARK: - Steps of a transaction

extension KafkaProducer {
    private func settleFormerTransaction() throws(KafkaError) {
        switch state {
        case .ready: return
        case .dead(let error): throw error
        case .abortPending:
            if let error = abort() { throw error }
        }
    }

    private func begin() throws(KafkaError) {
        let error = try withClient(.begin) { client in
            unsafe client.failure(.begin, rd_kafka_begin_transaction(client.pointer))
        }
        guard let error else { return }
        throw error.requiresAbort ? abandon(because: error) : buried(error)
    }

    /// Every topic is looked up before the transaction opens: an unknown one costs nothing and aborts nothing.
    private func lookUp(_ records: [NewRecord], until deadline: Deadline) throws(KafkaError) {
        let checks = settings.unknownTopicChecks
        try withClient(.metadata) { client throws(KafkaError) in
            try client.lookUp(records, checks: checks, until: deadline)
        }
    }

    private func produce(_ records: [NewRecord], until deadline: Deadline) throws(KafkaError) {
        try withClient(.produce) { client throws(KafkaError) in
            try client.enqueue(records, until: deadline)
        }
    }

    /// Waits until every record was reported, and refuses what was written at a place nobody told us.
    private func delivered(_ records: [NewRecord], until deadline: Deadline) throws(KafkaError) -> [RecordPosition] {
        try withClient(.produce) { client throws(KafkaError) in
            try client.flush(records, until: deadline)
        }
    }

    private func send(_ positions: [ConsumerPosition], until deadline: Deadline) throws(KafkaError) {
        var groups: [String: [ConsumerPosition]] = [:]
        for position in positions { groups[position.consumer, default: []].append(position) }
        for (group, positions) in groups.sorted(by: { $0.key < $1.key }) {
            guard let metadata = unsafe rd_kafka_consumer_group_metadata_new(group) else {
                throw KafkaError(.positions, .invalidArgument, "'\(group)' cannot name a consumer")
            }
            defer { unsafe rd_kafka_consumer_group_metadata_destroy(metadata) }
            let list = PartitionList(positions)
            try unsafe repeating(.positions, until: deadline) {
                unsafe rd_kafka_send_offsets_to_transaction($0, list.pointer, metadata, $1)
            }
        }
    }

    /// Asks for the commit until it is answered: a commit whose answer is lost may stand.
    private func commit() throws(KafkaError) {
        let deadline = Deadline(after: settings.commitTimeout)
        do {
            try unsafe repeating(.commit, until: deadline) { unsafe rd_kafka_commit_transaction($0, $1) }
        } catch {
            if error.requiresAbort { throw abandon(because: error) }
            if error.isFatal { throw buried(error) }
            var unknown = error
            unknown.isOutcomeUnknown = true
            throw buried(unknown)
        }
    }

    /// Ends the transaction without a trace and says why: the first cause, unless it was a fence or worse.
    private func abandon(because cause: KafkaError) -> KafkaError {
        if cause.isFatal { return buried(cause) }
        guard let error = abort() else {
            guard cause.code.kind == .fenced else { return cause }
            // An epoch the broker did not take, and yet the abort went through: nobody else holds our name; the
            // transaction had run out of time, and a new epoch was drawn. A fence that was named is a fence.
            guard cause.code == .invalidProducerEpoch else { return buried(cause) }
            return KafkaError(cause.operation, .messageTimedOut, "the transaction ran out of time and was aborted")
        }
        return error.isFatal ? error : cause
    }

    private func abort() -> KafkaError? {
        let deadline = Deadline(after: settings.commitTimeout)
        do {
            try unsafe repeating(.abort, until: deadline) { unsafe rd_kafka_abort_transaction($0, $1) }
            state = .ready
            return nil
        } catch {
            if error.isFatal || !error.isRetriable { return buried(error) }
            state = .abortPending
            return error
        }
    }

    private func buried(_ error: KafkaError) -> KafkaError {
        var fatal = error
        fatal.isFatal = true
        fatal.isRetriable = false
        if case .dead = state { return fatal }
        state = .dead(fatal)
        return fatal
    }

    /// librdkafka's calls of a transaction may all be repeated while they say so: they go on where they were.
    private func repeating(
        _ operation: KafkaError.Operation, until deadline: Deadline,
        _ call: (OpaquePointer, Int32) -> OpaquePointer?
    ) throws(KafkaError) {
        while true {
            let error = try withClient(operation) { client in
                unsafe client.failure(operation, call(client.pointer, deadline.milliseconds))
            }
            guard let error else { return }
            guard error.isRetriable, !error.requiresAbort, !error.isFatal, !deadline.hasPassed else { throw error }
            Pause.shortly(milliseconds: 20)
        }
    }

    private func withClient<Answer>(
        _ operation: KafkaError.Operation, _ body: (inout Client) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        if case .dead(let error) = state { throw error }
        // Taken out for the call and put back: nothing else runs on this actor meanwhile.
        guard var taken = client.take() else { throw KafkaError(operation, .destroyed, isFatal: true) }
        let result = Result { () throws(KafkaError) in try body(&taken) }
        client = consume taken
        return try result.get()
    }
}
