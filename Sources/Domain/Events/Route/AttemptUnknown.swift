public import Core

/// Nothing proves what became of the attempt; no fallback from here.
public struct AttemptUnknown: Payload {
    @inlinable public static var type: EventType { .route(.attemptUnknown) }

    public var key: AttemptKey
    public var evidence: RouteEvidence
    public var failureTaxonomy: FailureTaxonomy
    public var unknownSince: Timestamp
    public var deadline: Timestamp
    public var reply: AdapterReply
    public var rawReply: CompactJSON?

    @inlinable
    public init(
        key: AttemptKey, evidence: RouteEvidence, failureTaxonomy: FailureTaxonomy, unknownSince: Timestamp,
        deadline: Timestamp, reply: AdapterReply, rawReply: CompactJSON? = nil
    ) {
        self.key = key
        self.evidence = evidence
        self.failureTaxonomy = failureTaxonomy
        self.unknownSince = unknownSince
        self.deadline = deadline
        self.reply = reply
        self.rawReply = rawReply
    }

    @inlinable
    public init(unread: Unread) {
        key = unread()
        evidence = unread()
        failureTaxonomy = unread()
        unknownSince = unread()
        deadline = unread()
        reply = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&fields)
        try evidence.walk(&fields)
        try fields.field("failure_taxonomy", &failureTaxonomy, "How the call failed.")
        try fields.field("unknown_since", &unknownSince, "Since when.")
        try fields.field("deadline", &deadline, "The deadline that was sent along.")
        try reply.walk(&fields)
        try fields.field("raw_reply", &rawReply, "What came, if anything.")
    }
}
