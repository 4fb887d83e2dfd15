public import Core

/// Policy holds a decision back; it is not bad in itself.
public struct DecisionBlocked: Payload {
    @inlinable public static var type: EventType { .intents(.decisionBlocked) }

    public var decisionHash: DecisionHash
    public var strategyID: StrategyID
    public var timeframe: Timeframe
    public var action: Side
    public var terms: OrderTerms
    public var submissionBlockReason: ReasonCode
    public var submissionBlockAtomic: [ReasonCode]
    public var submissionStage: SubmissionStage
    public var evidence: CompactJSON?
    public var controlPlaneSnapshot: CompactJSON?
    public var rationale: Prose?
    public var params: CompactJSON?
    public var judgement: Judgement

    @inlinable
    public init(
        decisionHash: DecisionHash, strategyID: StrategyID, timeframe: Timeframe, action: Side, terms: OrderTerms,
        submissionBlockReason: ReasonCode, submissionBlockAtomic: [ReasonCode], submissionStage: SubmissionStage,
        evidence: CompactJSON? = nil, controlPlaneSnapshot: CompactJSON? = nil, rationale: Prose? = nil,
        params: CompactJSON? = nil, judgement: Judgement
    ) {
        self.decisionHash = decisionHash
        self.strategyID = strategyID
        self.timeframe = timeframe
        self.action = action
        self.terms = terms
        self.submissionBlockReason = submissionBlockReason
        self.submissionBlockAtomic = submissionBlockAtomic
        self.submissionStage = submissionStage
        self.evidence = evidence
        self.controlPlaneSnapshot = controlPlaneSnapshot
        self.rationale = rationale
        self.params = params
        self.judgement = judgement
    }

    @inlinable
    public init(unread: Unread) {
        decisionHash = unread()
        strategyID = unread()
        timeframe = unread()
        action = unread()
        terms = unread()
        submissionBlockReason = unread()
        submissionBlockAtomic = unread()
        submissionStage = unread()
        judgement = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("decision_hash", &decisionHash, "The decision.")
        try fields.field("strategy_id", &strategyID, "The strategy.")
        try fields.field("timeframe", &timeframe, "The bars it decided on.")
        try fields.field("action", &action, "What it wanted.")
        try terms.walk(&fields)
        try fields.field("submission_block_reason", &submissionBlockReason, "The first reason.")
        try fields.list("submission_block_atomic", &submissionBlockAtomic, 1...64, "Every reason that applies.")
        try fields.field("submission_stage", &submissionStage, "Where it ended.")
        try fields.field("evidence", &evidence, "The numbers behind the reasons.")
        try fields.field("control_plane_snapshot", &controlPlaneSnapshot, "What was in force.")
        try fields.field("rationale", &rationale, "The decision's own words.")
        try fields.field("params", &params, "What the strategy saw.")
        try judgement.walk(&fields)
    }
}
