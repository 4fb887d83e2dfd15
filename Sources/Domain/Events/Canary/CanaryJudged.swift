public import Core

/// A gate judged a window of the canary.
public struct CanaryJudged: Payload {
    @inlinable public static var type: EventType { .canary(.canaryJudged) }

    public var window: GateWindow
    public var breachType: BreachType
    public var leanTotal: Int64
    public var fallbackTotal: Int64
    public var fallbackRatio: Amount?
    public var fallbackRatioLimit: Amount
    public var fallbackReasons: [ReasonCount]
    public var symbols: [Symbol]
    public var hardRollbackEnabled: Bool
    public var action: GateAction
    public var evaluationEventID: EventID?
    public var amendsEventID: EventID?
    public var tradingMode: TradingMode?
    public var dryRun: Bool?
    public var isClosed: Bool?
    public var numerator: Int64?
    public var observed: Amount?
    public var threshold: Amount?
    public var baseline: Amount?
    public var pendingTotal: Int64?
    public var overdueTotal: Int64?
    public var terms: CanaryTerms?
    public var truncated: Bool?

    @inlinable
    public init(
        window: GateWindow, breachType: BreachType, leanTotal: Int64, fallbackTotal: Int64,
        fallbackRatio: Amount? = nil, fallbackRatioLimit: Amount, fallbackReasons: [ReasonCount], symbols: [Symbol],
        hardRollbackEnabled: Bool, action: GateAction,
        evaluationEventID: EventID? = nil, amendsEventID: EventID? = nil, tradingMode: TradingMode? = nil,
        dryRun: Bool? = nil, isClosed: Bool? = nil, numerator: Int64? = nil, observed: Amount? = nil,
        threshold: Amount? = nil, baseline: Amount? = nil, pendingTotal: Int64? = nil, overdueTotal: Int64? = nil,
        terms: CanaryTerms? = nil, truncated: Bool? = nil
    ) {
        self.window = window
        self.breachType = breachType
        self.leanTotal = leanTotal
        self.fallbackTotal = fallbackTotal
        self.fallbackRatio = fallbackRatio
        self.fallbackRatioLimit = fallbackRatioLimit
        self.fallbackReasons = fallbackReasons
        self.symbols = symbols
        self.hardRollbackEnabled = hardRollbackEnabled
        self.action = action
        self.evaluationEventID = evaluationEventID
        self.amendsEventID = amendsEventID
        self.tradingMode = tradingMode
        self.dryRun = dryRun
        self.isClosed = isClosed
        self.numerator = numerator
        self.observed = observed
        self.threshold = threshold
        self.baseline = baseline
        self.pendingTotal = pendingTotal
        self.overdueTotal = overdueTotal
        self.terms = terms
        self.truncated = truncated
    }

    @inlinable
    public init(unread: Unread) {
        window = unread()
        breachType = unread()
        leanTotal = unread()
        fallbackTotal = unread()
        fallbackRatioLimit = unread()
        fallbackReasons = unread()
        symbols = unread()
        hardRollbackEnabled = unread()
        action = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try window.walk(&fields)
        try fields.field("breach_type", &breachType, "Which limit is watched.")
        try fields.field("lean_total", &leanTotal, "Intents expected to go by LEAN in the window.")
        try fields.field("fallback_total", &fallbackTotal, "Of these, how many fell back to Alpaca.")
        try fields.field(
            "fallback_ratio", &fallbackRatio, FieldNote("Their ratio; null below the minimum sample.", unit: "0 to 1"))
        try fields.field("fallback_ratio_limit", &fallbackRatioLimit, FieldNote("The limit.", unit: "0 to 1"))
        try fields.list("fallback_reasons", &fallbackReasons, 0...64, "How often for which reason.")
        try fields.list("symbols", &symbols, 0...256, "Symbols that fell back.")
        try fields.field("hard_rollback_enabled", &hardRollbackEnabled, "Whether a breach rolls back.")
        try fields.field("action", &action, "What follows.")
        try fields.field("evaluation_event_id", &evaluationEventID, "The evaluation on control that it is made from.")
        try fields.field("amends_event_id", &amendsEventID, "The verdict on the same window that it amends.")
        try fields.field("trading_mode", &tradingMode, "Paper or live.")
        try fields.field("dry_run", &dryRun, "Whether it only records.")
        try fields.field("is_closed", &isClosed, "Whether the window is a whole one that is over.")
        try fields.field("numerator", &numerator, "How many of the sample are on the wrong side.")
        try fields.field("observed", &observed, FieldNote("What was measured.", unit: "as limited"))
        try fields.field("threshold", &threshold, FieldNote("The limit it is held against.", unit: "as limited"))
        try fields.field("baseline", &baseline, FieldNote("The same by Alpaca.", unit: "basis points"))
        try fields.field("pending_total", &pendingTotal, "Intents in the window without an outcome yet: in neither.")
        try fields.field("overdue_total", &overdueTotal, "Intents that count as fallen back, being too long without.")
        try fields.field("terms", &terms, "What it is judged by.")
        try fields.field(
            "truncated", &truncated, "True when there were more in the window than are remembered: it is of the latest."
        )
    }
}
