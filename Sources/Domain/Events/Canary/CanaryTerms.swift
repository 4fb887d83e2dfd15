public import Core

/// By what the canary is judged: every limit, and whose intents count.
public struct CanaryTerms: FieldRecord, Hashable {
    public var windowMicroseconds: Int64
    public var minimumSample: Int64
    public var pendingLimitMicroseconds: Int64
    public var fallbackRatioLimit: Amount
    public var errorRateLimit: Amount?
    public var driftRatioLimit: Amount?
    public var slippageLimitBps: Amount?
    public var cryptoOnly: Bool
    public var symbols: [Symbol]
    public var accounts: [AccountLabel]
    public var tradingMode: TradingMode
    public var hardRollbackEnabled: Bool
    public var dryRun: Bool

    @inlinable
    public init(
        windowMicroseconds: Int64, minimumSample: Int64, pendingLimitMicroseconds: Int64, fallbackRatioLimit: Amount,
        errorRateLimit: Amount? = nil, driftRatioLimit: Amount? = nil, slippageLimitBps: Amount? = nil,
        cryptoOnly: Bool, symbols: [Symbol], accounts: [AccountLabel], tradingMode: TradingMode,
        hardRollbackEnabled: Bool, dryRun: Bool
    ) {
        self.windowMicroseconds = windowMicroseconds
        self.minimumSample = minimumSample
        self.pendingLimitMicroseconds = pendingLimitMicroseconds
        self.fallbackRatioLimit = fallbackRatioLimit
        self.errorRateLimit = errorRateLimit
        self.driftRatioLimit = driftRatioLimit
        self.slippageLimitBps = slippageLimitBps
        self.cryptoOnly = cryptoOnly
        self.symbols = symbols
        self.accounts = accounts
        self.tradingMode = tradingMode
        self.hardRollbackEnabled = hardRollbackEnabled
        self.dryRun = dryRun
    }

    /// A whole window is judged when its intents had their time: so long one must remember.
    public var remembered: Duration { .microseconds(windowMicroseconds + pendingLimitMicroseconds) + .seconds(5) }

    /// Whether this limit is in force.
    public func judges(_ breach: BreachType) -> Bool {
        switch breach {
        case .fallbackRatioExceeded: true
        case .errorRateExceeded: errorRateLimit != nil
        case .parityMismatch: driftRatioLimit != nil
        case .slippageExceeded: slippageLimitBps != nil
        case .notionalMismatch, .runnerHealthStale: false
        }
    }

    @inlinable
    public init(unread: Unread) {
        windowMicroseconds = unread()
        minimumSample = unread()
        pendingLimitMicroseconds = unread()
        fallbackRatioLimit = unread()
        cryptoOnly = unread()
        symbols = unread()
        accounts = unread()
        tradingMode = unread()
        hardRollbackEnabled = unread()
        dryRun = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field(
            "window_us", &windowMicroseconds, FieldNote("How long the window is.", unit: "microseconds"))
        try fields.field("minimum_sample", &minimumSample, "How many are needed to say anything.")
        try fields.field(
            "pending_limit_us", &pendingLimitMicroseconds,
            FieldNote("An intent without an outcome counts as fallen back after this.", unit: "microseconds"))
        try fields.field(
            "fallback_ratio_limit", &fallbackRatioLimit, FieldNote("Of intents that fell back.", unit: "0 to 1"))
        try fields.field("error_rate_limit", &errorRateLimit, FieldNote("Of failed attempts.", unit: "0 to 1"))
        try fields.field("drift_ratio_limit", &driftRatioLimit, FieldNote("Of shadows that drift.", unit: "0 to 1"))
        try fields.field(
            "slippage_limit_bps", &slippageLimitBps,
            FieldNote("How much worse the 95th percentile may be than by Alpaca.", unit: "basis points"))
        try fields.field("crypto_only", &cryptoOnly, "Whether only crypto counts.")
        try fields.list("symbols", &symbols, 0...256, "Whose intents count; none means all.")
        try fields.list("accounts", &accounts, 0...64, "Whose intents count; none means all.")
        try fields.field("trading_mode", &tradingMode, "Paper or live: only intents of this mode count.")
        try fields.field("hard_rollback_enabled", &hardRollbackEnabled, "Whether a breach rolls back.")
        try fields.field("dry_run", &dryRun, "Whether it only records.")
    }
}
