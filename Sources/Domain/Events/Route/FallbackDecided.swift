public import Core

/// Another adapter may try, because the last attempt is proved not live.
public struct FallbackDecided: Payload {
    @inlinable public static var type: EventType { .route(.fallbackDecided) }

    public var key: AttemptKey
    public var fromAdapter: Adapter
    public var toAdapter: Adapter
    public var executionFallbackReason: Code
    public var executionFallbackCount: Int64
    public var proof: Proof
    public var attemptCount: Int64
    public var nextAttemptID: AttemptID
    public var degradation: Degradation
    public var policyHash: ContentHash

    @inlinable
    public init(
        key: AttemptKey, fromAdapter: Adapter, toAdapter: Adapter, executionFallbackReason: Code,
        executionFallbackCount: Int64, proof: Proof, attemptCount: Int64, nextAttemptID: AttemptID,
        degradation: Degradation, policyHash: ContentHash
    ) {
        self.key = key
        self.fromAdapter = fromAdapter
        self.toAdapter = toAdapter
        self.executionFallbackReason = executionFallbackReason
        self.executionFallbackCount = executionFallbackCount
        self.proof = proof
        self.attemptCount = attemptCount
        self.nextAttemptID = nextAttemptID
        self.degradation = degradation
        self.policyHash = policyHash
    }

    @inlinable
    public init(unread: Unread) {
        key = unread()
        fromAdapter = unread()
        toAdapter = unread()
        executionFallbackReason = unread()
        executionFallbackCount = unread()
        proof = unread()
        attemptCount = unread()
        nextAttemptID = unread()
        degradation = unread()
        policyHash = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&fields)
        try fields.field("from_adapter", &fromAdapter, "Where the attempt was.")
        try fields.field("to_adapter", &toAdapter, "Where the next goes.")
        try fields.field(
            "execution_fallback_reason", &executionFallbackReason,
            FieldNote("Why.", example: "lean_submit_order_timeout"))
        try fields.field("execution_fallback_count", &executionFallbackCount, "Attempts proved not live so far.")
        try fields.field("proof", &proof, "What proves it.")
        try fields.field("attempt_count", &attemptCount, "Attempts so far.")
        try fields.field("next_attempt_id", &nextAttemptID, "The next attempt.")
        try fields.field("degradation", &degradation, "The degradation this is part of.")
        try fields.field("policy_hash", &policyHash, "The policy that allows it.")
    }
}
