public import Core

/// A live intent could not be simulated; no order noticed.
public struct ShadowFailed: Payload {
    @inlinable public static var type: EventType { .shadow(.shadowFailed) }

    public var intentID: IntentID
    public var decisionHash: DecisionHash
    public var executionCorrelationID: CorrelationID?
    public var failureTaxonomy: LaneFailure
    public var httpStatus: Int64?
    public var reason: Prose?
    public var attempt: Int64
    public var latencyMicroseconds: Int64?

    @inlinable
    public init(
        intentID: IntentID, decisionHash: DecisionHash, executionCorrelationID: CorrelationID? = nil,
        failureTaxonomy: LaneFailure, httpStatus: Int64? = nil, reason: Prose? = nil, attempt: Int64,
        latencyMicroseconds: Int64? = nil
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.executionCorrelationID = executionCorrelationID
        self.failureTaxonomy = failureTaxonomy
        self.httpStatus = httpStatus
        self.reason = reason
        self.attempt = attempt
        self.latencyMicroseconds = latencyMicroseconds
    }

    @inlinable
    public init(unread: Unread) {
        intentID = unread()
        decisionHash = unread()
        failureTaxonomy = unread()
        attempt = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("decision_hash", &decisionHash, "The decision behind it.")
        try fields.field("execution_correlation_id", &executionCorrelationID, "The X-Correlation-ID of the call.")
        try fields.field("failure_taxonomy", &failureTaxonomy, "How it failed.")
        try fields.field("http_status", &httpStatus, "Status of the answer.")
        try fields.field("reason", &reason, "The answer's own words.")
        try fields.field("attempt", &attempt, "Which try it was, from 1.")
        try fields.field("latency_us", &latencyMicroseconds, FieldNote("How long it took.", unit: "microseconds"))
    }
}
