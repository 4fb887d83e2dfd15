/// Records as they were read: one block of bytes and a table of where each record lies in it.
///
/// Keys and values are lent as spans into the block, so reading allocates per batch and not per record;
/// `record(at:)` copies what must outlive the batch.
public struct RecordBatch: Sendable {
    /// A range of the block; a negative length is a key or value that is null.
    public struct Field: Sendable {
        public let start: Int32
        public let length: Int32

        public init(start: Int, length: Int) {
            self.start = Int32(start)
            self.length = Int32(length)
        }

        public static let null = Field(start: 0, length: -1)
    }

    public struct Entry: Sendable {
        public let offset: Int64
        public let timestamp: Int64
        public let key: Field
        public let value: Field
        /// Encoded as in `Header.encode`.
        public let headers: Field
        /// Index into `sources`.
        public let source: Int32

        public init(offset: Int64, timestamp: Int64, key: Field, value: Field, headers: Field, source: Int) {
            self.offset = offset
            self.timestamp = timestamp
            self.key = key
            self.value = value
            self.headers = headers
            self.source = Int32(source)
        }
    }

    public let sources: [TopicPartition]
    public let entries: [Entry]
    /// Where the reader stands after this batch, for each partition that moved; holes are already passed.
    public let next: [TopicPartition: Int64]
    private let block: RecordBlock

    public init(sources: [TopicPartition], entries: [Entry], next: [TopicPartition: Int64], block: [UInt8]) {
        self.init(sources: sources, entries: entries, next: next, block: RecordBlock(block))
    }

    public init(sources: [TopicPartition], entries: [Entry], next: [TopicPartition: Int64], block: RecordBlock) {
        self.sources = sources
        self.entries = entries
        self.next = next
        self.block = block
    }

    public static let empty = RecordBatch(sources: [], entries: [], next: [:], block: [])

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }
    /// How many bytes its keys, values and headers have, as far as the last record reaches.
    public var byteCount: Int {
        guard let last = entries.last else { return 0 }
        return [last.key, last.value, last.headers].map { Int($0.start + max(0, $0.length)) }.max() ?? 0
    }

    public func source(of entry: Entry) -> TopicPartition { sources[Int(entry.source)] }

    /// Lends the bytes of a key, value or header block; `nil` when it is null.
    @_lifetime(borrow self)
    public func bytes(of field: Field) -> RawSpan? {
        guard field.length >= 0 else { return nil }
        let start = Int(field.start)
        // Safe: the batch keeps the block alive.
        return unsafe _overrideLifetime(block.bytes(start..<start + Int(field.length)), borrowing: self)
    }

    /// Copies a field out of the block.
    public func copy(of field: Field) -> [UInt8]? {
        guard field.length >= 0 else { return nil }
        let start = Int(field.start)
        return block.copy(start..<start + Int(field.length))
    }

    public func headers(of entry: Entry) -> [Header] {
        guard entry.headers.length > 0 else { return [] }
        let start = Int(entry.headers.start)
        return Header.decode(block.copy(start..<start + Int(entry.headers.length))[...])
    }

    /// Copies one record, for those who keep it.
    public func record(at index: Int) -> Record {
        let entry = entries[index]
        return Record(
            position: RecordPosition(source(of: entry), entry.offset), timestamp: entry.timestamp,
            key: copy(of: entry.key), value: copy(of: entry.value), headers: headers(of: entry))
    }
}

/// One record with bytes of its own.
public struct Record: Hashable, Sendable {
    public let position: RecordPosition
    public let timestamp: Int64
    public let key: [UInt8]?
    public let value: [UInt8]?
    public let headers: [Header]

    public init(position: RecordPosition, timestamp: Int64, key: [UInt8]?, value: [UInt8]?, headers: [Header]) {
        self.position = position
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}
