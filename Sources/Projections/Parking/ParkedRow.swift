public import Core

/// A record that waits, or waited, because it or an earlier one of its key could not be folded.
///
/// It is part of the projection's rows: it moves with the checkpoint, counts in the root, and a rebuild makes it anew.
public struct ParkedRow: StoredRow {
    public enum State: String, Sendable {
        /// Could not be folded: its key waits for an operator.
        case parked
        /// Waits behind a parked record of its key.
        case deferred
        /// Was left out by an operator.
        case skipped
        /// Was folded in the words of an operator.
        case patched
        /// Was folded after all, so that nothing is left to say: such a row is removed as it is written.
        case folded
    }

    public struct Key: RowKey {
        public var topic = ""
        public var partition: Int32 = 0
        public var offset: Int64 = 0

        public init() {}

        public init(_ position: RecordPosition) {
            topic = position.source.topic
            partition = position.source.partition
            offset = position.offset
        }

        public var position: RecordPosition { RecordPosition(TopicPartition(topic, partition), offset) }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.column("source_topic", &topic, "Where the record lies.")
            try columns.column("source_partition", &partition, "Where the record lies.")
            try columns.column("source_offset", &offset, "Where the record lies.")
        }
    }

    public static let table = TableName("parked", .current, "Records that wait, and those an operator decided on.")

    public var place = Key()
    public var state = ""
    /// The record's key; its position stands in for it when it has none.
    public var recordKey: [UInt8]?
    public var reason: String?
    public var path: String?
    public var detail: String?
    public var eventType: String?
    public var recordTime = Moment(microseconds: 0)
    /// `nil` once it is settled: then only the fact is kept.
    public var value: [UInt8]?
    /// The offset in `torghut.control.v1` of the operator's word that settled it.
    public var settledBy: Int64?

    public init() {}

    public var key: Key { place }
    public var isKept: Bool { state != State.folded.rawValue }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try place.walk(&columns)
        try columns.column("state", &state, "parked, deferred, skipped or patched.")
        try columns.column("record_key", &recordKey, "The record's key.")
        try columns.column("park_reason", &reason, "Why it was parked; null for one that only waits.")
        try columns.column("error_path", &path, "The field that is wrong.")
        try columns.column("detail", &detail, "What is wrong with it.")
        try columns.column("event_type", &eventType, "Its type, if that could be read.")
        try columns.column("record_ts", &recordTime, "The record's own time.")
        try columns.column("record_value", &value, "Its bytes, while it waits.")
        try columns.column("settled_by", &settledBy, "Offset of the operator's word in torghut.control.v1.")
    }
}

extension Array: ColumnValue where Element == UInt8 {
    public static var columnType: ColumnType { .bytea }
    public func writeField(to row: inout RowBytes) {
        row.appendBig(Int32(count))
        // Safe: every byte of an array of bytes is initialised.
        unsafe row.append(span.bytes)
    }
    public static func readField(_ field: RawSpan?) throws(RowFault) -> [UInt8] {
        guard let field else { throw .size(nil, wanted: "bytes") }
        return [UInt8](copying: field)
    }
}
