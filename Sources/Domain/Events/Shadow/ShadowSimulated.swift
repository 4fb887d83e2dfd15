public import Core

/// A live intent was simulated without side effect.
public struct ShadowSimulated: Payload {
    @inlinable public static var type: EventType { .shadow(.shadowSimulated) }

    public var intentID: IntentID
    public var decisionHash: DecisionHash
    public var executionCorrelationID: CorrelationID
    public var side: Side
    public var terms: OrderTerms
    public var intentPrice: Amount?
    public var intentNotional: Amount?
    public var simulatedFillPrice: Amount?
    public var simulatedSlippageBps: Amount?
    public var parityDeltaBps: Amount?
    public var parityStatus: ParityStatus
    public var failureTaxonomy: LaneFailure?
    public var authorityMode: AuthorityMode
    public var blockingReason: Code?
    public var simulatorVersion: Label?
    public var referenceQuote: ReferenceQuote?
    public var latencyMicroseconds: Int64?
    public var simulationJSON: CompactJSON

    @inlinable
    public init(
        intentID: IntentID, decisionHash: DecisionHash, executionCorrelationID: CorrelationID, side: Side,
        terms: OrderTerms, intentPrice: Amount? = nil, intentNotional: Amount? = nil, simulatedFillPrice: Amount? = nil,
        simulatedSlippageBps: Amount? = nil, parityDeltaBps: Amount? = nil, parityStatus: ParityStatus,
        failureTaxonomy: LaneFailure? = nil, authorityMode: AuthorityMode, blockingReason: Code? = nil,
        simulatorVersion: Label? = nil, referenceQuote: ReferenceQuote? = nil, latencyMicroseconds: Int64? = nil,
        simulationJSON: CompactJSON
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.executionCorrelationID = executionCorrelationID
        self.side = side
        self.terms = terms
        self.intentPrice = intentPrice
        self.intentNotional = intentNotional
        self.simulatedFillPrice = simulatedFillPrice
        self.simulatedSlippageBps = simulatedSlippageBps
        self.parityDeltaBps = parityDeltaBps
        self.parityStatus = parityStatus
        self.failureTaxonomy = failureTaxonomy
        self.authorityMode = authorityMode
        self.blockingReason = blockingReason
        self.simulatorVersion = simulatorVersion
        self.referenceQuote = referenceQuote
        self.latencyMicroseconds = latencyMicroseconds
        self.simulationJSON = simulationJSON
    }

    @inlinable
    public init(unread: Unread) {
        intentID = unread()
        decisionHash = unread()
        executionCorrelationID = unread()
        side = unread()
        terms = unread()
        parityStatus = unread()
        authorityMode = unread()
        simulationJSON = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("decision_hash", &decisionHash, "The decision behind it.")
        try fields.field("execution_correlation_id", &executionCorrelationID, "The X-Correlation-ID of the call.")
        try fields.field("side", &side, "Buy or sell.")
        try terms.walk(&fields)
        try fields.field(
            "intent_price", &intentPrice, FieldNote("The price the intent had.", unit: "currency per unit"))
        try fields.field("intent_notional", &intentNotional, FieldNote("Quantity times that price.", unit: "currency"))
        try fields.field(
            "simulated_fill_price", &simulatedFillPrice, FieldNote("The simulated price.", unit: "currency per unit"))
        try fields.field(
            "simulated_slippage_bps", &simulatedSlippageBps,
            FieldNote("Its distance from the intent's price, a cost when positive.", unit: "basis points"))
        try fields.field(
            "parity_delta_bps", &parityDeltaBps, FieldNote("Its distance from the real fill.", unit: "basis points"))
        try fields.field("parity_status", &parityStatus, "Whether that is within the limit.")
        try fields.field("failure_taxonomy", &failureTaxonomy, "What was wrong.")
        try fields.field("authority_mode", &authorityMode, "How much this proves.")
        try fields.field("blocking_reason", &blockingReason, "What it must not be used for.")
        try fields.field("simulator_version", &simulatorVersion, "Which simulator.")
        try fields.field("reference_quote", &referenceQuote, "The quote it was simulated with.")
        try fields.field("latency_us", &latencyMicroseconds, FieldNote("How long it took.", unit: "microseconds"))
        try fields.field("simulation_json", &simulationJSON, "The simulator's answer.")
    }
}
