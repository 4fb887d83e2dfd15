internal import Core
internal import CRdKafka
internal import Glibc

/// Turns fetched messages into one batch with one block of bytes: two allocations, however many records.
///
/// The messages' bytes are librdkafka's; this copies them and leaves freeing to the caller.
@safe struct BatchBuilder {
    @safe private struct Part {
        let message: UnsafeMutablePointer<rd_kafka_message_t>
        let headers: OpaquePointer?
        let source: Int
    }

    private let wantsHeaders: Bool
    private let maximumBytes: Int
    private var parts: [Part] = []
    private var bytes = 0

    init(maximumRecords: Int, maximumBytes: Int, headers: Bool) {
        self.maximumBytes = maximumBytes
        wantsHeaders = headers
        parts.reserveCapacity(min(maximumRecords, 1 << 14))
    }

    var count: Int { parts.count }

    /// Takes a message in, unless the batch is full: then it is the caller's to keep for the next one.
    mutating func add(_ message: UnsafeMutablePointer<rd_kafka_message_t>, source: Int) -> Bool {
        var headers: OpaquePointer?
        var size = unsafe message.pointee.len + message.pointee.key_len
        if wantsHeaders, unsafe rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR {
            unsafe size += Self.encodedBytes(headers)
        }
        guard parts.isEmpty || bytes + size <= maximumBytes else { return false }
        bytes += size
        unsafe parts.append(Part(message: message, headers: headers, source: source))
        return true
    }

    /// Copies everything out; afterwards the messages may be freed.
    func build(sources: [TopicPartition], next: [TopicPartition: Int64]) -> RecordBatch {
        var entries: [RecordBatch.Entry] = []
        entries.reserveCapacity(count)
        let block = unsafe [UInt8](unsafeUninitializedCapacity: bytes) { block, filled in
            for part in parts { entries.append(unsafe Self.copy(part, to: block, at: &filled)) }
        }
        return RecordBatch(sources: sources, entries: entries, next: next, block: block)
    }

    func forEachMessage(_ body: (UnsafeMutablePointer<rd_kafka_message_t>) -> Void) {
        for part in parts { unsafe body(part.message) }
    }

    private static func copy(
        _ part: Part, to block: UnsafeMutableBufferPointer<UInt8>, at filled: inout Int
    ) -> RecordBatch.Entry {
        let message = unsafe part.message.pointee
        let key = unsafe copy(message.key, message.key_len, to: block, at: &filled)
        let value = unsafe copy(message.payload, message.len, to: block, at: &filled)
        let start = filled
        if let headers = unsafe part.headers { unsafe encode(headers, to: block, at: &filled) }
        return unsafe RecordBatch.Entry(
            offset: message.offset, timestamp: rd_kafka_message_timestamp(part.message, nil), key: key, value: value,
            headers: RecordBatch.Field(start: start, length: filled - start), source: part.source)
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
    private static func forEachHeader(
        _ headers: OpaquePointer?, _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void
    ) {
        guard let headers = unsafe headers else { return }
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var length = 0
        while unsafe rd_kafka_header_get_all(headers, index, &name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR {
            // A name over Core's limit can only come from a foreign writer; it is cut, as its length has 16 bits.
            let nameLength = unsafe name.map { unsafe min(strlen($0), Header.maximumNameBytes) } ?? 0
            unsafe body(
                UnsafeRawBufferPointer(start: name, count: nameLength),
                value.map { unsafe UnsafeRawBufferPointer(start: $0, count: length) })
            index += 1
        }
    }

    private static func encodedBytes(_ headers: OpaquePointer?) -> Int {
        var total = 0
        unsafe forEachHeader(headers) { name, value in unsafe total += 6 + name.count + (value?.count ?? 0) }
        return total
    }

    private static func encode(
        _ headers: OpaquePointer, to block: UnsafeMutableBufferPointer<UInt8>, at filled: inout Int
    ) {
        var place = filled
        unsafe forEachHeader(headers) { name, value in
            let rest = UnsafeMutableRawBufferPointer(block)
            unsafe rest.storeBytes(of: UInt16(name.count).littleEndian, toByteOffset: place, as: UInt16.self)
            unsafe UnsafeMutableRawBufferPointer(rebasing: rest[(place + 2)...]).copyMemory(from: name)
            place += 2 + name.count
            let length = unsafe Int32(value?.count ?? -1)
            unsafe rest.storeBytes(of: length.littleEndian, toByteOffset: place, as: Int32.self)
            place += 4
            guard let value = unsafe value else { return }
            unsafe UnsafeMutableRawBufferPointer(rebasing: rest[place...]).copyMemory(from: value)
            place += value.count
        }
        filled = place
    }
}
