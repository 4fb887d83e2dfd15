/// The adapter refused, and that proves the order is not live.
public struct AttemptRejected: Payload {
    @inlinable public static var type: EventType { .route(.attemptRejected) }

    public var key: AttemptKey
    public var evidence: RouteEvidence
    public var rejectionClass: RejectionClass
    public var proof: Proof
    public var failureTaxonomy: FailureTaxonomy
    public var fallbackAllowed: Bool
    public var reply: AdapterReply
    public var rawReply: CompactJSON?

    @inlinable
    public init(
        key: AttemptKey, evidence: RouteEvidence, rejectionClass: RejectionClass, proof: Proof,
        failureTaxonomy: FailureTaxonomy, fallbackAllowed: Bool, reply: AdapterReply, rawReply: CompactJSON? = nil
    ) {
        self.key = key
        self.evidence = evidence
        self.rejectionClass = rejectionClass
        self.proof = proof
        self.failureTaxonomy = failureTaxonomy
        self.fallbackAllowed = fallbackAllowed
        self.reply = reply
        self.rawReply = rawReply
    }

    @inlinable
    public init(unread: Unread) {
        key = unread()
        evidence = unread()
        rejectionClass = unread()
        proof = unread()
        failureTaxonomy = unread()
        fallbackAllowed = unread()
        reply = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&fields)
        try evidence.walk(&fields)
        try fields.field("rejection_class", &rejectionClass, "What kind of refusal.")
        try fields.field("proof", &proof, "Why the order cannot be live.")
        try fields.field("failure_taxonomy", &failureTaxonomy, "How the call failed.")
        try fields.field("fallback_allowed", &fallbackAllowed, "Whether another adapter may try.")
        try reply.walk(&fields)
        try fields.field("raw_reply", &rawReply, "The answer as it came.")
    }
}
