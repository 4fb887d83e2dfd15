public import Core

/// Which way an order was expected to go and went; written once.
public struct RouteEvidence: FieldRecord {
    public var executionExpectedAdapter: Adapter
    public var executionAdapter: Adapter
    public var executionFallbackReason: Code?
    public var executionFallbackCount: Int64
    public var executionCorrelationID: CorrelationID
    public var executionIdempotencyKey: ClientOrderID

    @inlinable
    public init(
        executionExpectedAdapter: Adapter, executionAdapter: Adapter, executionFallbackReason: Code? = nil,
        executionFallbackCount: Int64, executionCorrelationID: CorrelationID, executionIdempotencyKey: ClientOrderID
    ) {
        self.executionExpectedAdapter = executionExpectedAdapter
        self.executionAdapter = executionAdapter
        self.executionFallbackReason = executionFallbackReason
        self.executionFallbackCount = executionFallbackCount
        self.executionCorrelationID = executionCorrelationID
        self.executionIdempotencyKey = executionIdempotencyKey
    }

    @inlinable
    public init(unread: Unread) {
        executionExpectedAdapter = unread()
        executionAdapter = unread()
        executionFallbackCount = unread()
        executionCorrelationID = unread()
        executionIdempotencyKey = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("execution_expected_adapter", &executionExpectedAdapter, "Where the policy sent it.")
        try fields.field("execution_adapter", &executionAdapter, "Where it went.")
        try fields.field(
            "execution_fallback_reason", &executionFallbackReason,
            FieldNote("Why it went elsewhere.", example: "lean_submit_order_timeout"))
        try fields.field(
            "execution_fallback_count", &executionFallbackCount, "Attempts before this one that were proved not live.")
        try fields.field("execution_correlation_id", &executionCorrelationID, "The X-Correlation-ID of the call.")
        try fields.field("execution_idempotency_key", &executionIdempotencyKey, "The Idempotency-Key of the call.")
    }
}
