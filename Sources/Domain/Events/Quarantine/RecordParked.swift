public import Core

/// A record is put aside; later ones of its key wait.
public struct RecordParked: Payload {
    @inlinable public static var type: EventType { .quarantine(.recordParked) }

    public var record: ParkedKey
    public var parkReason: ParkReason
    public var eventType: Code?
    public var eventVersion: Int64?
    public var errorPath: Code?
    public var detail: Prose
    public var recordValue: Octets?
    public var recordBytes: Int64
    public var recordTruncated: Bool
    public var recordSHA256: ContentHash
    public var recordTimestamp: Timestamp?
    public var headersJSON: CompactJSON?

    @inlinable
    public init(
        record: ParkedKey, parkReason: ParkReason, eventType: Code? = nil, eventVersion: Int64? = nil,
        errorPath: Code? = nil, detail: Prose, recordValue: Octets? = nil, recordBytes: Int64, recordTruncated: Bool,
        recordSHA256: ContentHash, recordTimestamp: Timestamp? = nil, headersJSON: CompactJSON? = nil
    ) {
        self.record = record
        self.parkReason = parkReason
        self.eventType = eventType
        self.eventVersion = eventVersion
        self.errorPath = errorPath
        self.detail = detail
        self.recordValue = recordValue
        self.recordBytes = recordBytes
        self.recordTruncated = recordTruncated
        self.recordSHA256 = recordSHA256
        self.recordTimestamp = recordTimestamp
        self.headersJSON = headersJSON
    }

    @inlinable
    public init(unread: Unread) {
        record = unread()
        parkReason = unread()
        detail = unread()
        recordBytes = unread()
        recordTruncated = unread()
        recordSHA256 = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try record.walk(&fields)
        try fields.field("park_reason", &parkReason, "Why.")
        try fields.field("event_type", &eventType, "Its type, if that could be read.")
        try fields.field("event_version", &eventVersion, "Its version, if that could be read.")
        try fields.field("error_path", &errorPath, FieldNote("The field that is wrong.", example: "$.payload.qty"))
        try fields.field("detail", &detail, "What is wrong with it.")
        try fields.field("record_value", &recordValue, "Its bytes, because its source may be gone in a week.")
        try fields.field("record_bytes", &recordBytes, FieldNote("How many it has.", unit: "bytes"))
        try fields.field("record_truncated", &recordTruncated, "Whether record_value holds only the first of them.")
        try fields.field("record_sha256", &recordSHA256, "What all of them hash to.")
        try fields.field("record_timestamp", &recordTimestamp, "The record's own time.")
        try fields.field("headers_json", &headersJSON, "Its headers.")
    }
}
