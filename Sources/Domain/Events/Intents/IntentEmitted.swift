public import Core

/// A decision became an order to be routed.
public struct IntentEmitted: Payload {
    @inlinable public static var type: EventType { .intents(.intentEmitted) }

    public var intentID: IntentID
    public var decisionHash: DecisionHash
    public var clientOrderID: ClientOrderID
    public var strategyID: StrategyID
    public var timeframe: Timeframe
    public var side: Side
    public var terms: OrderTerms
    public var requestedQty: Amount?
    public var limitingConstraint: Code?
    public var intentNotional: Amount?
    public var referenceQuote: ReferenceQuote?
    public var arrivalPrice: Amount?
    public var executionExpectedAdapter: Adapter
    public var executionAdapterPolicy: AdapterPolicy
    public var routeReason: RouteReason
    public var executionFallbackAdapter: Adapter?
    public var maxSlippageBps: Amount?
    public var sizingDebug: CompactJSON?
    public var quantityResolution: CompactJSON?
    public var rationale: Prose?
    public var params: CompactJSON?
    public var expiresAt: Timestamp?
    public var judgement: Judgement

    @inlinable
    public init(
        intentID: IntentID, decisionHash: DecisionHash, clientOrderID: ClientOrderID, strategyID: StrategyID,
        timeframe: Timeframe, side: Side, terms: OrderTerms, requestedQty: Amount? = nil,
        limitingConstraint: Code? = nil, intentNotional: Amount? = nil, referenceQuote: ReferenceQuote? = nil,
        arrivalPrice: Amount? = nil, executionExpectedAdapter: Adapter, executionAdapterPolicy: AdapterPolicy,
        routeReason: RouteReason, executionFallbackAdapter: Adapter? = nil, maxSlippageBps: Amount? = nil,
        sizingDebug: CompactJSON? = nil, quantityResolution: CompactJSON? = nil, rationale: Prose? = nil,
        params: CompactJSON? = nil, expiresAt: Timestamp? = nil, judgement: Judgement
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.clientOrderID = clientOrderID
        self.strategyID = strategyID
        self.timeframe = timeframe
        self.side = side
        self.terms = terms
        self.requestedQty = requestedQty
        self.limitingConstraint = limitingConstraint
        self.intentNotional = intentNotional
        self.referenceQuote = referenceQuote
        self.arrivalPrice = arrivalPrice
        self.executionExpectedAdapter = executionExpectedAdapter
        self.executionAdapterPolicy = executionAdapterPolicy
        self.routeReason = routeReason
        self.executionFallbackAdapter = executionFallbackAdapter
        self.maxSlippageBps = maxSlippageBps
        self.sizingDebug = sizingDebug
        self.quantityResolution = quantityResolution
        self.rationale = rationale
        self.params = params
        self.expiresAt = expiresAt
        self.judgement = judgement
    }

    @inlinable
    public init(unread: Unread) {
        intentID = unread()
        decisionHash = unread()
        clientOrderID = unread()
        strategyID = unread()
        timeframe = unread()
        side = unread()
        terms = unread()
        executionExpectedAdapter = unread()
        executionAdapterPolicy = unread()
        routeReason = unread()
        judgement = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("decision_hash", &decisionHash, "The decision behind it.")
        try fields.field("client_order_id", &clientOrderID, "The id both routes use for the order.")
        try fields.field("strategy_id", &strategyID, "The strategy.")
        try fields.field("timeframe", &timeframe, "The bars it decided on.")
        try fields.field("side", &side, "Buy or sell.")
        try terms.walk(&fields)
        try fields.field(
            "requested_qty", &requestedQty, FieldNote("The quantity the decision asked for.", unit: "units"))
        try fields.field("limiting_constraint", &limitingConstraint, "What cut the quantity.")
        try fields.field(
            "intent_notional", &intentNotional, FieldNote("Quantity times reference price.", unit: "currency"))
        try fields.field("reference_quote", &referenceQuote, "The quote the decision was made on.")
        try fields.field(
            "arrival_price", &arrivalPrice,
            FieldNote("The price its costs are measured against.", unit: "currency per unit"))
        try fields.field("execution_expected_adapter", &executionExpectedAdapter, "Where the policy sends it.")
        try fields.field("execution_adapter_policy", &executionAdapterPolicy, "The policy's mode.")
        try fields.field("route_reason", &routeReason, "Why there.")
        try fields.field(
            "execution_fallback_adapter", &executionFallbackAdapter,
            "Where it may go if the first is proved not to have it.")
        try fields.field(
            "max_slippage_bps", &maxSlippageBps,
            FieldNote("The slippage the decision tolerates.", unit: "basis points"))
        try fields.field("sizing_debug", &sizingDebug, "How the quantity was found.")
        try fields.field(
            "quantity_resolution", &quantityResolution, "Which step and rights the quantity was judged by.")
        try fields.field("rationale", &rationale, "The decision's own words.")
        try fields.field("params", &params, "What the strategy saw.")
        try fields.field("expires_at", &expiresAt, "When it is too old to send.")
        try judgement.walk(&fields)
    }
}
