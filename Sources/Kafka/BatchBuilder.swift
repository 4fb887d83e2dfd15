internal import CRdKafka
internal import Core

/// Turns fetched messages into one batch with one block of bytes: two allocations, however many records.
///
/// The messages' bytes are librdkafka's; this copies them and leaves freeing to the caller.
@safe struct BatchBuilder {
    @safe private struct Part {
        let message: UnsafeMutablePointer<rd_kafka_message_t>
        /// Bytes of `encoded`, whose parts lie in the order of the messages.
        let headers: Int
        let source: Int
    }

    private let wantsHeaders: Bool
    private let maximumBytes: Int
    private var parts: [Part] = []
    private var bytes = 0
    /// Headers are encoded when a message comes in: asking librdkafka for them twice would cost as much as reading.
    private var encoded: [UInt8] = []
    private var encodedBytes = 0

    init(maximumRecords: Int, maximumBytes: Int, headers: Bool) {
        self.maximumBytes = maximumBytes
        wantsHeaders = headers
        parts.reserveCapacity(min(maximumRecords, 1 << 14))
    }

    var count: Int { parts.count }

    /// Takes a message in, unless the batch is full: then it is the caller's to keep for the next one.
    mutating func add(_ message: UnsafeMutablePointer<rd_kafka_message_t>, source: Int) -> Bool {
        let headers = wantsHeaders ? unsafe encodeHeaders(of: message) : 0
        let size = unsafe message.pointee.len + message.pointee.key_len + headers
        guard parts.isEmpty || bytes + size <= maximumBytes else {
            return false
        }
        bytes += size
        encodedBytes += headers
        unsafe parts.append(Part(message: message, headers: headers, source: source))
        return true
    }

    /// Copies everything out; afterwards the messages may be freed.
    func build(sources: [TopicPartition], next: [TopicPartition: Int64]) -> RecordBatch {
        var entries: [RecordBatch.Entry] = []
        entries.reserveCapacity(count)
        let block = unsafe [UInt8](unsafeUninitializedCapacity: bytes) { block, filled in
            unsafe encoded.withUnsafeBytes { encoded in
                var taken = 0
                for part in parts {
                    let headers = unsafe UnsafeRawBufferPointer(rebasing: encoded[taken..<taken + part.headers])
                    taken += part.headers
                    entries.append(unsafe Self.copy(part, headers, to: block, at: &filled))
                }
            }
        }
        return RecordBatch(sources: sources, entries: entries, next: next, block: block)
    }

    func forEachMessage(_ body: (UnsafeMutablePointer<rd_kafka_message_t>) -> Void) {
        for part in parts { unsafe body(part.message) }
    }

    private static func copy(
        _ part: Part, _ headers: UnsafeRawBufferPointer, to block: UnsafeMutableBufferPointer<UInt8>,
        at filled: inout Int
    ) -> RecordBatch.Entry {
        let message = unsafe part.message.pointee
        let key = unsafe copy(message.key, message.key_len, to: block, at: &filled)
        let value = unsafe copy(message.payload, message.len, to: block, at: &filled)
        let start = filled
        if unsafe !headers.isEmpty, let bytes = headers.baseAddress, let target = block.baseAddress {
            unsafe UnsafeMutableRawPointer(target + start).copyMemory(from: bytes, byteCount: headers.count)
            filled += headers.count
        }
        return unsafe RecordBatch.Entry(
            offset: message.offset, timestamp: rd_kafka_message_timestamp(part.message, nil), key: key, value: value,
            headers: RecordBatch.Field(start: start, length: headers.count), source: part.source)
    }

    @inline(__always)
    private static func copy(
        _ bytes: UnsafeMutableRawPointer?, _ count: Int, to block: UnsafeMutableBufferPointer<UInt8>,
        at filled: inout Int
    ) -> RecordBatch.Field {
        guard let bytes = unsafe bytes else { return .null }
        defer { filled += count }
        if count > 0, let start = block.baseAddress {
            unsafe UnsafeMutableRawPointer(start + filled).copyMemory(from: bytes, byteCount: count)
        }
        return RecordBatch.Field(start: filled, length: count)
    }
}

// MARK: - Headers, in the form of Core's `Header.encode`

extension BatchBuilder {
    /// Behind what is encoded already; it counts only once the message is taken in.
    private mutating func encodeHeaders(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> Int {
        var headers: OpaquePointer?
        guard unsafe rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR else { return 0 }
        let needed = unsafe encode(headers)
        if encodedBytes + needed > encoded.count {
            encoded.append(contentsOf: repeatElement(0, count: max(encoded.count, needed, 1 << 16)))
            unsafe _ = encode(headers)
        }
        return needed
    }

    private mutating func encode(_ headers: OpaquePointer?) -> Int {
        unsafe encoded.withUnsafeMutableBufferPointer { room in
            guard let start = room.baseAddress else { return unsafe torghut_encode_headers(headers, nil, 0) }
            return unsafe torghut_encode_headers(headers, start + encodedBytes, room.count - encodedBytes)
        }
    }
}
