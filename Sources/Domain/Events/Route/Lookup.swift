public import Core

/// One question to the broker and its answer.
public struct Lookup: FieldRecord {
    public var askedAt: Timestamp
    public var method: EvidenceKind
    public var found: Bool
    public var complete: Bool
    public var httpStatus: Int64?
    public var answer: CompactJSON?

    @inlinable
    public init(
        askedAt: Timestamp, method: EvidenceKind, found: Bool, complete: Bool, httpStatus: Int64? = nil,
        answer: CompactJSON? = nil
    ) {
        self.askedAt = askedAt
        self.method = method
        self.found = found
        self.complete = complete
        self.httpStatus = httpStatus
        self.answer = answer
    }

    @inlinable
    public init(unread: Unread) {
        askedAt = unread()
        method = unread()
        found = unread()
        complete = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("asked_at", &askedAt, "When.")
        try fields.field("method", &method, "How.")
        try fields.field("found", &found, "Whether it was there.")
        try fields.field("complete", &complete, "Whether the answer was complete.")
        try fields.field("http_status", &httpStatus, "Status of the answer.")
        try fields.field("answer", &answer, "What it said.")
    }
}
