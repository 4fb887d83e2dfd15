public import Core

/// A strategy could not be evaluated.
public struct StrategyShadowFailed: Payload {
    @inlinable public static var type: EventType { .strategyShadow(.strategyShadowFailed) }

    public var runID: Label
    public var strategyID: StrategyID
    public var decisionHash: DecisionHash?
    public var failureTaxonomy: LaneFailure
    public var httpStatus: Int64?
    public var reason: Prose?
    public var disableSwitchActive: Bool
    public var latencyMicroseconds: Int64?

    @inlinable
    public init(
        runID: Label, strategyID: StrategyID, decisionHash: DecisionHash? = nil, failureTaxonomy: LaneFailure,
        httpStatus: Int64? = nil, reason: Prose? = nil, disableSwitchActive: Bool, latencyMicroseconds: Int64? = nil
    ) {
        self.runID = runID
        self.strategyID = strategyID
        self.decisionHash = decisionHash
        self.failureTaxonomy = failureTaxonomy
        self.httpStatus = httpStatus
        self.reason = reason
        self.disableSwitchActive = disableSwitchActive
        self.latencyMicroseconds = latencyMicroseconds
    }

    @inlinable
    public init(unread: Unread) {
        runID = unread()
        strategyID = unread()
        failureTaxonomy = unread()
        disableSwitchActive = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("run_id", &runID, "This evaluation.")
        try fields.field("strategy_id", &strategyID, "The strategy.")
        try fields.field("decision_hash", &decisionHash, "The decision it stood beside.")
        try fields.field("failure_taxonomy", &failureTaxonomy, "How it failed.")
        try fields.field("http_status", &httpStatus, "Status of the answer.")
        try fields.field("reason", &reason, "The answer's own words.")
        try fields.field("disable_switch_active", &disableSwitchActive, "Whether the lanes were disabled.")
        try fields.field("latency_us", &latencyMicroseconds, FieldNote("How long it took.", unit: "microseconds"))
    }
}
