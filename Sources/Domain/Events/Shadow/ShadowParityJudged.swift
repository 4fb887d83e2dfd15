public import Core

/// The real fill of a simulated intent was held against the simulated one.
///
/// A later fill, a correction or a bust makes another event with the next revision; the one before is never rewritten.
public struct ShadowParityJudged: Payload {
    @inlinable public static var type: EventType { .shadow(.shadowParityJudged) }

    public var intentID: IntentID
    public var decisionHash: DecisionHash
    public var simulatedEventID: EventID
    public var strategyID: StrategyID?
    public var side: Side
    public var executionAdapter: Adapter?
    public var qty: Amount?
    public var filledQty: Amount
    public var simulatedFillPrice: Amount?
    public var actualFillPrice: Amount?
    public var parityDeltaBps: Amount?
    public var parityLimitBps: Amount
    public var parityStatus: ParityStatus
    public var failureTaxonomy: LaneFailure?
    public var revision: Int64
    public var supersedes: EventID?

    @inlinable
    public init(
        intentID: IntentID, decisionHash: DecisionHash, simulatedEventID: EventID, strategyID: StrategyID? = nil,
        side: Side, executionAdapter: Adapter? = nil, qty: Amount? = nil, filledQty: Amount,
        simulatedFillPrice: Amount? = nil, actualFillPrice: Amount? = nil, parityDeltaBps: Amount? = nil,
        parityLimitBps: Amount, parityStatus: ParityStatus, failureTaxonomy: LaneFailure? = nil, revision: Int64,
        supersedes: EventID? = nil
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.simulatedEventID = simulatedEventID
        self.strategyID = strategyID
        self.side = side
        self.executionAdapter = executionAdapter
        self.qty = qty
        self.filledQty = filledQty
        self.simulatedFillPrice = simulatedFillPrice
        self.actualFillPrice = actualFillPrice
        self.parityDeltaBps = parityDeltaBps
        self.parityLimitBps = parityLimitBps
        self.parityStatus = parityStatus
        self.failureTaxonomy = failureTaxonomy
        self.revision = revision
        self.supersedes = supersedes
    }

    @inlinable
    public init(unread: Unread) {
        intentID = unread()
        decisionHash = unread()
        simulatedEventID = unread()
        side = unread()
        filledQty = unread()
        parityLimitBps = unread()
        parityStatus = unread()
        revision = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("decision_hash", &decisionHash, "The decision behind it.")
        try fields.field("simulated_event_id", &simulatedEventID, "The simulation that is judged.")
        try fields.field("strategy_id", &strategyID, "Whose intent it was.")
        try fields.field("side", &side, "Buy or sell.")
        try fields.field("execution_adapter", &executionAdapter, "The route that filled it.")
        try fields.field("qty", &qty, FieldNote("What was asked for.", unit: "units"))
        try fields.field("filled_qty", &filledQty, FieldNote("What was filled.", unit: "units"))
        try fields.field(
            "simulated_fill_price", &simulatedFillPrice, FieldNote("The simulated price.", unit: "currency per unit"))
        try fields.field(
            "actual_fill_price", &actualFillPrice,
            FieldNote("Average of the real fills, weighed by quantity.", unit: "currency per unit"))
        try fields.field(
            "parity_delta_bps", &parityDeltaBps,
            FieldNote(
                "The real price beside the simulated one, a cost when positive.", unit: "basis points"))
        try fields.field(
            "parity_limit_bps", &parityLimitBps, FieldNote("How far apart they may be.", unit: "basis points"))
        try fields.field("parity_status", &parityStatus, "Whether that is within the limit.")
        try fields.field("failure_taxonomy", &failureTaxonomy, "What was wrong, or what was missing.")
        try fields.field("revision", &revision, "Which judgement of this intent, from 1.")
        try fields.field("supersedes", &supersedes, "The judgement before.")
    }
}
