internal import CRdKafka
internal import Core
internal import Glibc

/// Turns fetched messages into one batch with one block of bytes.
///
/// Each message is copied as it comes, so that the caller can free it while it is still in the cache: kept until
/// the batch is full, messages with headers cost twice as much to read.
@safe struct BatchBuilder: ~Copyable {
    private static let smallest = 64 << 10
    /// Room that is kept for the next batch.
    private static let largestKept = 16 << 20

    private var wantsHeaders = true
    private var maximumBytes = 0
    private var entries: [RecordBatch.Entry] = []
    private var room: UnsafeMutableRawPointer
    private var capacity = Self.smallest
    private var bytes = 0
    private var blocks = RecordBlocks(largest: largestKept)

    init() {
        guard let room = unsafe malloc(Self.smallest) else { fatalError("out of memory") }
        unsafe self.room = room
    }

    /// Starts the next batch in the room of the last one: fresh memory for each would cost more than the copying.
    mutating func begin(maximumRecords: Int, maximumBytes: Int, headers: Bool) {
        self.maximumBytes = maximumBytes
        wantsHeaders = headers
        bytes = 0
        entries = []
        entries.reserveCapacity(min(maximumRecords, 1 << 14))
    }

    deinit { unsafe free(room) }

    var count: Int { entries.count }

    /// Copies a message in, unless the batch is full: then it is the caller's to keep for the next one.
    mutating func add(_ message: UnsafeMutablePointer<rd_kafka_message_t>, source: Int) -> Bool {
        let start = bytes
        let key = unsafe copy(message.pointee.key, message.pointee.key_len)
        let value = unsafe copy(message.pointee.payload, message.pointee.len)
        let names = bytes
        var headers: OpaquePointer?
        if wantsHeaders, unsafe rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR {
            unsafe encode(headers)
        }
        guard entries.isEmpty || bytes <= maximumBytes else {
            bytes = start
            return false
        }
        entries.append(
            unsafe RecordBatch.Entry(
                offset: message.pointee.offset, timestamp: rd_kafka_message_timestamp(message, nil), key: key,
                value: value, headers: RecordBatch.Field(start: names, length: bytes - names), source: source))
        return true
    }

    mutating func build(sources: [TopicPartition], next: [TopicPartition: Int64]) -> RecordBatch {
        var block = blocks.take(bytes)
        unsafe block.withAddress(of: 0..<bytes) { target in
            if let start = target.baseAddress { unsafe memcpy(start, room, target.count) }
        }
        return RecordBatch(sources: sources, entries: entries, next: next, block: blocks.lend(block))
    }

    @inline(__always)
    private mutating func copy(_ source: UnsafeRawPointer?, _ count: Int) -> RecordBatch.Field {
        guard let source = unsafe source else { return .null }
        let start = bytes
        unsafe put(source, count)
        return RecordBatch.Field(start: start, length: count)
    }

    @inline(__always)
    private mutating func put(_ source: UnsafeRawPointer, _ count: Int) {
        if capacity - bytes < count { grow(by: count) }
        unsafe memcpy(room + bytes, source, count)
        bytes += count
    }

    @inline(__always)
    private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        unsafe withUnsafeBytes(of: number.littleEndian) { number in
            // Safe: a number has an address.
            if let start = number.baseAddress { unsafe put(start, number.count) }
        }
    }

    private mutating func grow(by count: Int) {
        while capacity - bytes < count { capacity *= 2 }
        guard let larger = unsafe realloc(room, capacity) else { fatalError("out of memory") }
        unsafe room = larger
    }

    /// Headers in the form of Core's `Header.encode`.
    private mutating func encode(_ headers: OpaquePointer?) {
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var length = 0
        while unsafe rd_kafka_header_get_all(headers, index, &name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR {
            index += 1
            guard let name = unsafe name else { continue }
            // A name over Core's limit can only come from a foreign writer; it is cut, as its length has 16 bits.
            let nameLength = unsafe min(strlen(name), Header.maximumNameBytes)
            put(UInt16(nameLength))
            unsafe put(name, nameLength)
            put(unsafe value == nil ? -1 : Int32(length))
            if let value = unsafe value { unsafe put(value, length) }
        }
    }
}
