internal import CRdKafka
internal import Core

extension Client {
    /// Makes sure that each record's topic and partition exist.
    mutating func lookUp(_ records: [NewRecord], checks: Int, until deadline: Deadline) throws(KafkaError) {
        var last = ""
        var partitions: Int32 = 0
        for record in records {
            if partitions == 0 || record.topic != last {
                last = record.topic
                partitions = try topic(last, checks: checks, until: deadline).partitions
            }
            guard let wanted = record.partition, !(0..<partitions).contains(wanted) else { continue }
            if wanted >= 0 { partitions = try refresh(last, checks: checks, until: deadline).partitions }
            guard (0..<partitions).contains(wanted) else {
                throw KafkaError(.produce, .unknownPartitionHere, topic: last, partition: wanted)
            }
        }
    }

    /// Puts the records into librdkafka's queue, in order; waits for room when it is full.
    mutating func enqueue(_ records: [NewRecord], until deadline: Deadline) throws(KafkaError) {
        let deliveries = context.deliveries
        deliveries.begin(records: records.count)
        var last = ""
        var handle: OpaquePointer?
        for index in records.indices {
            if unsafe handle == nil || records[index].topic != last {
                last = records[index].topic
                unsafe handle = try topic(last, checks: 1, until: deadline).handle
            }
            let tag = deliveries.tag(index)
            var code = unsafe enqueue(records[index], to: handle, tag)
            while code == .queueFull, !deadline.hasPassed {
                unsafe _ = rd_kafka_poll(pointer, 10)
                code = unsafe enqueue(records[index], to: handle, tag)
            }
            guard code == .none else {
                throw produceFailure(code, topic: last, partition: records[index].partition)
            }
            deliveries.sent()
        }
    }

    private func enqueue(_ record: NewRecord, to topic: OpaquePointer?, _ tag: UInt) -> KafkaErrorCode {
        var headers: OpaquePointer?
        if !record.headers.isEmpty {
            unsafe headers = rd_kafka_headers_new(record.headers.count)
            for header in record.headers { unsafe Self.add(header, to: headers) }
        }
        let code = unsafe Self.lend(record.key) { key, keyLength in
            unsafe Self.lend(record.value) { value, valueLength in
                unsafe torghut_produce(
                    pointer, topic, record.partition ?? -1, key, keyLength, value, valueLength, record.timestamp ?? 0,
                    headers, tag)
            }
        }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, let headers = unsafe headers {
            unsafe rd_kafka_headers_destroy(headers)
        }
        return KafkaErrorCode(code)
    }

    private static func add(_ header: Header, to headers: OpaquePointer?) {
        var name = header.name
        name.withUTF8 { name in
            unsafe lend(header.value) { value, length in
                unsafe name.withMemoryRebound(to: CChar.self) { name in
                    unsafe _ = rd_kafka_header_add(headers, name.baseAddress, name.count, value, length)
                }
            }
        }
    }

    /// Null stays null and empty stays empty: librdkafka tells them apart by the pointer.
    @inline(__always)
    private static func lend<Result>(
        _ bytes: [UInt8]?, _ body: (UnsafeRawPointer?, Int) -> Result
    ) -> Result {
        guard let bytes else { return body(nil, 0) }
        return unsafe bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { return unsafe body(start, bytes.count) }
            var nothing: UInt8 = 0
            return unsafe withUnsafeBytes(of: &nothing) { unsafe body($0.baseAddress, 0) }
        }
    }

    /// In a transaction that failed meanwhile librdkafka only says `_STATE`.
    private func produceFailure(_ code: KafkaErrorCode, topic: String, partition: Int32?) -> KafkaError {
        let told = KafkaError(.produce, code, topic: topic, partition: partition)
        var error = code == .state || code == .fatal || code.isPurge ? transactionTrouble(.produce) ?? told : told
        error.topic = topic
        return explained(error)
    }

    /// What broke the open transaction, if anything did.
    ///
    /// Asked by trying to begin another one, which is refused while one is open and changes nothing, but tells the
    /// trouble.
    func transactionTrouble(_ operation: KafkaError.Operation) -> KafkaError? {
        let error = unsafe KafkaError(operation, taking: rd_kafka_begin_transaction(pointer))
        guard let error, error.requiresAbort || error.isFatal else { return nil }
        return explained(error)
    }

    /// A failed delivery is reported before librdkafka's main thread has marked the transaction; aborted too soon,
    /// the mark would hit the next transaction instead.
    private func awaitTrouble() {
        let deadline = Deadline(after: .seconds(1))
        while transactionTrouble(.produce) == nil, !deadline.hasPassed { Pause.shortly(milliseconds: 1) }
    }

    /// Waits for the reports of every record and turns them into positions.
    func flush(_ records: [NewRecord], until deadline: Deadline) throws(KafkaError) -> [RecordPosition] {
        let deliveries = context.deliveries
        while deliveries.outstanding > 0, !deadline.hasPassed {
            unsafe _ = rd_kafka_flush(pointer, min(100, deadline.milliseconds))
            // The records of a transaction that broke stay where they are until it is aborted.
            if deliveries.outstanding > 0, let trouble = transactionTrouble(.produce) { throw trouble }
        }
        if let failure = deliveries.failure {
            if isTransactional { awaitTrouble() }
            let record = records[failure.index]
            throw produceFailure(failure.code, topic: record.topic, partition: record.partition)
        }
        guard deliveries.outstanding == 0 else {
            let text = "\(deliveries.outstanding) of \(records.count) records not acknowledged in time"
            throw explained(KafkaError(.produce, .timedOut, text))
        }
        var positions: [RecordPosition] = []
        positions.reserveCapacity(records.count)
        for (record, slot) in zip(records, deliveries.slots) {
            // A repeat the broker knew already is acknowledged without its place: not good enough to commit.
            guard slot.offset >= 0 else {
                throw KafkaError(.produce, .duplicateSequence, "written, but no broker says where", topic: record.topic)
            }
            positions.append(RecordPosition(TopicPartition(record.topic, slot.partition), slot.offset))
        }
        return positions
    }
}
