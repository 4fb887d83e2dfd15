public import Core

/// What the canary is judged by and how often, as a value.
public struct CanaryPolicy: Sendable, Equatable {
    public var isEnabled = false
    public var cryptoOnly = true
    public var symbols: [Symbol] = []
    public var accounts: [AccountLabel] = []
    public var window = Duration.seconds(900)
    public var minimumSample: Int64 = 20
    public var fallbackRatioLimit = Amount(units: Amount.unitsPerOne / 4)
    /// The criteria below count only when they have a limit.
    public var errorRateLimit: Amount?
    public var driftRatioLimit: Amount?
    public var slippageLimitBps: Amount?
    public var pendingLimit = Duration.seconds(30)
    public var hardRollbackEnabled = true
    public var isDryRun = false
    /// So often a verdict is said again that says nothing new.
    public var heartbeat = Duration.seconds(60)
    /// So many whole windows within the limits resolve an incident; zero leaves it to an operator.
    public var resolveWindows: Int64 = 2
    public var tradingMode = TradingMode.paper
    /// How much worse than Alpaca LEAN may be for a rollout to go on, over the last stretch of this length.
    public var shortfallLimitBps = Amount(5)
    public var slippageP95LimitBps = Amount(10)
    /// Of intents whose fills were held against their shadow, so many may drift for a rollout to go on.
    public var rolloutDriftRatioLimit = Amount(units: Amount.unitsPerOne / 10)
    public var rolloutWindow = Duration.seconds(86_400)

    public init() {}

    /// Between two verdicts of one kind lies at least this, however the ratio flaps.
    public var verdictGap: Duration { min(heartbeat, .seconds(5)) }

    public func terms(dryRun: Bool) -> CanaryTerms {
        CanaryTerms(
            windowMicroseconds: window.microseconds, minimumSample: minimumSample,
            pendingLimitMicroseconds: pendingLimit.microseconds, fallbackRatioLimit: fallbackRatioLimit,
            errorRateLimit: errorRateLimit, driftRatioLimit: driftRatioLimit, slippageLimitBps: slippageLimitBps,
            cryptoOnly: cryptoOnly, symbols: symbols, accounts: accounts, tradingMode: tradingMode,
            hardRollbackEnabled: hardRollbackEnabled, dryRun: isDryRun || dryRun)
    }

    /// How far back what is counted may lie.
    public var remembered: Duration { terms(dryRun: false).remembered }
}

extension CanaryPolicy {
    init(_ settings: inout SettingsReading, _ routing: RoutingPolicy) {
        self.init()
        isEnabled = routing.canary.isEnabled
        cryptoOnly = routing.canary.cryptoOnly
        symbols = Array(routing.canary.symbols.prefix(256))
        tradingMode = routing.tradingMode
        accounts = settings.accounts("TRADING_LEAN_LIVE_CANARY_ACCOUNTS")
        window = settings.seconds("TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS", default: 900, in: 1...86_400)
        minimumSample = settings.count("TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE", default: 20, in: 1...100_000)
        fallbackRatioLimit = settings.amount(
            "TRADING_LEAN_LIVE_CANARY_FALLBACK_RATIO_LIMIT", default: fallbackRatioLimit, in: .zero ... .one)
        errorRateLimit = settings.cap("TRADING_LEAN_LIVE_CANARY_ERROR_RATE_LIMIT")
        driftRatioLimit = settings.cap("TRADING_LEAN_LIVE_CANARY_DRIFT_RATIO_LIMIT")
        slippageLimitBps = settings.cap("TRADING_LEAN_LIVE_CANARY_SLIPPAGE_P95_BPS_LIMIT")
        pendingLimit = settings.seconds("TRADING_LEAN_LIVE_CANARY_PENDING_LIMIT_SECONDS", default: 30, in: 1...3_600)
        // An intent that left its window before it is overdue would never count.
        pendingLimit = min(pendingLimit, window / 2)
        hardRollbackEnabled = settings.flag(
            "TRADING_LEAN_LIVE_CANARY_HARD_ROLLBACK_ENABLED", default: true, whenUnreadable: true)
        isDryRun = settings.flag("TRADING_LEAN_LIVE_CANARY_DRY_RUN", default: false)
        heartbeat = settings.seconds("TRADING_LEAN_LIVE_CANARY_HEARTBEAT_SECONDS", default: 60, in: 1...3_600)
        resolveWindows = settings.count("TRADING_LEAN_LIVE_CANARY_RESOLVE_WINDOWS", default: 2, in: 0...1_000)
        let most = Amount(10_000)
        shortfallLimitBps = settings.amount(
            "TRADING_LEAN_ROLLOUT_SHORTFALL_BPS_LIMIT", default: shortfallLimitBps, in: .zero...most)
        slippageP95LimitBps = settings.amount(
            "TRADING_LEAN_ROLLOUT_SLIPPAGE_P95_BPS_LIMIT", default: slippageP95LimitBps, in: .zero...most)
        rolloutDriftRatioLimit = settings.amount(
            "TRADING_LEAN_ROLLOUT_DRIFT_RATIO_LIMIT", default: rolloutDriftRatioLimit, in: .zero ... .one)
        rolloutWindow = settings.seconds("TRADING_LEAN_ROLLOUT_WINDOW_SECONDS", default: 86_400, in: 1...8_640_000)
    }
}
