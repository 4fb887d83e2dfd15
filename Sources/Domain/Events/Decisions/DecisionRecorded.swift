public import Core

/// A strategy wants an order.
public struct DecisionRecorded: Payload {
    @inlinable public static var type: EventType { .decisions(.decisionRecorded) }

    public var decisionHash: DecisionHash
    public var strategyID: StrategyID
    public var timeframe: Timeframe
    public var action: Side
    public var terms: OrderTerms
    public var identityParams: [IdentityParameter]
    public var params: CompactJSON?
    public var rationale: Prose?
    public var referenceQuote: ReferenceQuote?
    public var arrivalPrice: Amount?
    public var adapterHint: Adapter?
    public var maxSlippageBps: Amount?
    public var expiresAt: Timestamp?
    public var simulationContext: CompactJSON?

    @inlinable
    public init(
        decisionHash: DecisionHash, strategyID: StrategyID, timeframe: Timeframe, action: Side, terms: OrderTerms,
        identityParams: [IdentityParameter], params: CompactJSON? = nil, rationale: Prose? = nil,
        referenceQuote: ReferenceQuote? = nil, arrivalPrice: Amount? = nil, adapterHint: Adapter? = nil,
        maxSlippageBps: Amount? = nil, expiresAt: Timestamp? = nil, simulationContext: CompactJSON? = nil
    ) {
        self.decisionHash = decisionHash
        self.strategyID = strategyID
        self.timeframe = timeframe
        self.action = action
        self.terms = terms
        self.identityParams = identityParams
        self.params = params
        self.rationale = rationale
        self.referenceQuote = referenceQuote
        self.arrivalPrice = arrivalPrice
        self.adapterHint = adapterHint
        self.maxSlippageBps = maxSlippageBps
        self.expiresAt = expiresAt
        self.simulationContext = simulationContext
    }

    @inlinable
    public init(unread: Unread) {
        decisionHash = unread()
        strategyID = unread()
        timeframe = unread()
        action = unread()
        terms = unread()
        identityParams = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("decision_hash", &decisionHash, "The identity of the decision; see docs/identity.md.")
        try fields.field("strategy_id", &strategyID, "The strategy.")
        try fields.field("timeframe", &timeframe, "The bars it decided on.")
        try fields.field("action", &action, "What it wants.")
        try terms.walk(&fields)
        try fields.list(
            "identity_params", &identityParams, 0...64, "The parameters that belong to the identity, sorted by name.")
        try fields.field("params", &params, "Everything else the strategy saw: indicators, price snapshot, sizing.")
        try fields.field("rationale", &rationale, "Why, in its own words.")
        try fields.field("reference_quote", &referenceQuote, "The quote it was made on.")
        try fields.field(
            "arrival_price", &arrivalPrice,
            FieldNote("The price its costs are measured against.", unit: "currency per unit"))
        try fields.field("adapter_hint", &adapterHint, "The adapter it would like.")
        try fields.field(
            "max_slippage_bps", &maxSlippageBps, FieldNote("The slippage it tolerates.", unit: "basis points"))
        try fields.field("expires_at", &expiresAt, "When it is too old to act on.")
        try fields.field("simulation_context", &simulationContext, "Which simulated run it belongs to.")
    }
}
