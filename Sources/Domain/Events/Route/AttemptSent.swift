public import Core

/// The attempt's bytes went out; recorded together with the outcome.
public struct AttemptSent: Payload {
    @inlinable public static var type: EventType { .route(.attemptSent) }

    public var key: AttemptKey
    public var evidence: RouteEvidence
    public var sentAt: Timestamp
    public var sentBytes: Int64

    @inlinable
    public init(key: AttemptKey, evidence: RouteEvidence, sentAt: Timestamp, sentBytes: Int64) {
        self.key = key
        self.evidence = evidence
        self.sentAt = sentAt
        self.sentBytes = sentBytes
    }

    @inlinable
    public init(unread: Unread) {
        key = unread()
        evidence = unread()
        sentAt = unread()
        sentBytes = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&fields)
        try evidence.walk(&fields)
        try fields.field("sent_at", &sentAt, "When the first byte went out.")
        try fields.field("sent_bytes", &sentBytes, FieldNote("How many went out.", unit: "bytes"))
    }
}
