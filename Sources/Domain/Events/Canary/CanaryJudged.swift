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

    @inlinable
    public init(
        window: GateWindow, breachType: BreachType, leanTotal: Int64, fallbackTotal: Int64,
        fallbackRatio: Amount? = nil, fallbackRatioLimit: Amount, fallbackReasons: [ReasonCount], symbols: [Symbol],
        hardRollbackEnabled: Bool, action: GateAction
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
    }
}
