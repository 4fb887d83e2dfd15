public import Core

/// Where orders go and how long anything may take, as a value.
public struct RoutingPolicy: Sendable, Equatable {
    /// What `TRADING_EXECUTION_ADAPTER` asks for; `nil` when the word is none of ours.
    public var adapter: Adapter? = .alpaca
    /// `nil` when the word is none of ours.
    public var mode: AdapterPolicy? = .allowlist
    public var symbols: [Symbol] = []
    public var fallback: Adapter? = .alpaca
    public var runnerAddress: Address?
    public var alpacaAddress: Address?
    public var isLaneDisabled = false
    public var canary = Canary()
    public var tradingMode = TradingMode.paper

    public var health = Health()
    public var timing = Timing()
    public var limits = Limits()
    /// Whether the runner enforces deadlines and uses our client order id in the same account: only then does time
    /// prove anything.
    ///
    /// Ours does; of a foreign one an operator must say so.
    public var runnerHonoursDeadline = true
    /// What the runner must say that it speaks to count as healthy; a foreign one need say nothing.
    public var runnerContract: Label? = Label(trusted: "lean-v2")
    /// Whether orders wait until somebody hears what the broker says of them.
    public var requiresStream = false

    public struct Canary: Sendable, Equatable {
        public var isEnabled = false
        public var cryptoOnly = true
        /// Empty is no further limit.
        public var symbols: [Symbol] = []

        public init() {}
    }

    public struct Health: Sendable, Equatable {
        /// Whether an order may go to a runner whose health is bad or not known.
        public var isRequired = true
        public var maximumAge = Duration.seconds(15)

        public init() {}
    }

    /// Every wait.
    public struct Timing: Sendable, Equatable {
        /// The longest one call may take, and so the deadline that is sent along.
        public var deadline = Duration.seconds(5)
        /// How far behind the deadline absence starts to count.
        public var deadlineMargin = Duration.seconds(2)
        /// Between two look-ups that count, and before the first repetition of any question.
        public var lookupInterval = Duration.seconds(2)
        /// Questions are repeated ever more slowly, up to this.
        public var longestLookupInterval = Duration.seconds(30)
        /// After this a hold is an alert.
        public var holdLimit = Duration.seconds(30)
        /// Orders closed longer than this are forgotten.
        public var memory = Duration.seconds(86_400)
        public var controlLease = Duration.seconds(2)

        public init() {}
    }

    /// Every count.
    public struct Limits: Sendable, Equatable {
        public var fallbacksPerIntent: Int64 = 1
        public var reviewAfterFallbacks: Int64 = 3
        public var reviewWindow = Duration.seconds(900)
        public var concurrencyPerAdapter: Int64 = 16
        public var replacesPerOrder: Int64 = 16

        public init() {}
    }

    public init() {}
}

extension RoutingPolicy {
    init(_ settings: inout SettingsReading, mode: TradingMode) {
        self.init()
        tradingMode = mode
        readAdapters(&settings)
        isLaneDisabled = settings.flag("TRADING_LEAN_LANE_DISABLE_SWITCH", default: false, whenUnreadable: true)
        canary.isEnabled = settings.flag("TRADING_LEAN_LIVE_CANARY_ENABLED", default: false, whenUnreadable: true)
        canary.cryptoOnly = settings.flag("TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY", default: true, whenUnreadable: true)
        canary.symbols = settings.symbols("TRADING_LEAN_LIVE_CANARY_SYMBOLS") ?? []
        health.isRequired = settings.flag("TRADING_LEAN_RUNNER_REQUIRE_HEALTHY", default: true, whenUnreadable: true)
        health.maximumAge = settings.seconds("TRADING_LEAN_RUNNER_HEALTH_MAX_AGE_SECONDS", default: 15, in: 1...3_600)
        requiresStream = settings.flag("TRADING_REQUIRE_STREAM_READY", default: false, whenUnreadable: true)
        readRunner(&settings)
        readLimits(&settings)
    }

    private mutating func readAdapters(_ settings: inout SettingsReading) {
        switch settings.text("TRADING_EXECUTION_ADAPTER")?.lowercased() {
        case nil, "alpaca": adapter = .alpaca
        case "lean": adapter = .lean
        case "simulation": adapter = .simulation
        default:
            adapter = nil
            settings.report("TRADING_EXECUTION_ADAPTER", "is no adapter", instead: "alpaca")
        }
        settings.keep("TRADING_EXECUTION_ADAPTER", adapter?.rawValue ?? "")
        switch settings.text("TRADING_EXECUTION_ADAPTER_POLICY")?.lowercased() {
        case nil, "allowlist": mode = .allowlist
        case "all": mode = .all
        default:
            mode = nil
            settings.report("TRADING_EXECUTION_ADAPTER_POLICY", "is neither all nor allowlist", instead: "alpaca")
        }
        settings.keep("TRADING_EXECUTION_ADAPTER_POLICY", mode?.rawValue ?? "")
        symbols = settings.symbols("TRADING_EXECUTION_ADAPTER_SYMBOLS") ?? []
        if adapter == .lean, mode == .allowlist, symbols.isEmpty {
            settings.report(
                "TRADING_EXECUTION_ADAPTER_SYMBOLS", "is empty under the policy allowlist", instead: "alpaca for all")
        }
        switch settings.text("TRADING_EXECUTION_FALLBACK_ADAPTER")?.lowercased() {
        case nil, "alpaca": fallback = .alpaca
        case "none": fallback = nil
        default:
            fallback = nil
            settings.report("TRADING_EXECUTION_FALLBACK_ADAPTER", "is neither alpaca nor none", instead: "none")
        }
        settings.keep("TRADING_EXECUTION_FALLBACK_ADAPTER", fallback?.rawValue ?? "")
    }

    private mutating func readRunner(_ settings: inout SettingsReading) {
        alpacaAddress = Address(trusted: TradingPolicy.address(settings, mode: tradingMode) ?? "unset")
        if let text = TradingPolicy.address(settings.text("TRADING_LEAN_RUNNER_URL")) {
            if text.hasPrefix("http://") || text.hasPrefix("https://") {
                do { runnerAddress = try Address(text) } catch {
                    settings.report("TRADING_LEAN_RUNNER_URL", error.description, instead: "alpaca")
                }
            } else {
                settings.report("TRADING_LEAN_RUNNER_URL", "is no address over HTTP", instead: "alpaca")
            }
        } else if adapter == .lean {
            settings.report("TRADING_LEAN_RUNNER_URL", "is not set", instead: "alpaca")
        }
        settings.keep("TRADING_LEAN_RUNNER_URL", runnerAddress?.text ?? "")
        let isForeign = settings.flag("TRADING_LEAN_RUNNER_FOREIGN", default: false, whenUnreadable: true)
        let vouched = settings.flag("TRADING_LEAN_RUNNER_HONOURS_DEADLINE", default: false)
        runnerHonoursDeadline = !isForeign || vouched
        if isForeign { runnerContract = nil }
        if adapter == .lean, tradingMode == .live, fallback != .alpaca {
            settings.report("TRADING_EXECUTION_FALLBACK_ADAPTER", "must be alpaca in live trading", instead: "alpaca")
        }
    }

    private mutating func readLimits(_ settings: inout SettingsReading) {
        timing.deadline = settings.seconds("TRADING_LEAN_RUNNER_TIMEOUT_SECONDS", default: 5, in: 1...300)
        timing.deadlineMargin = settings.seconds("TRADING_EXECUTION_DEADLINE_MARGIN_SECONDS", default: 2, in: 1...300)
        timing.lookupInterval = settings.seconds("TRADING_EXECUTION_LOOKUP_INTERVAL_SECONDS", default: 2, in: 2...300)
        timing.longestLookupInterval = settings.seconds(
            "TRADING_EXECUTION_LOOKUP_INTERVAL_MAX_SECONDS", default: 30, in: 2...3_600)
        timing.holdLimit = settings.seconds("TRADING_EXECUTION_HOLD_LIMIT_SECONDS", default: 30, in: 1...86_400)
        timing.memory = settings.seconds("TRADING_EXECUTION_MEMORY_SECONDS", default: 86_400, in: 60...864_000)
        timing.controlLease = settings.seconds("TRADING_KILL_LEASE", default: 2, in: 1...60)
        limits.fallbacksPerIntent = settings.count("TRADING_EXECUTION_FALLBACK_LIMIT", default: 1, in: 0...1)
        limits.reviewAfterFallbacks = settings.count("TRADING_SYMBOL_REVIEW_FALLBACK_LIMIT", default: 3, in: 1...1_000)
        limits.reviewWindow = settings.seconds("TRADING_SYMBOL_REVIEW_WINDOW_SECONDS", default: 900, in: 1...86_400)
        limits.concurrencyPerAdapter = settings.count("TRADING_EXECUTION_CONCURRENCY", default: 16, in: 1...1_024)
        limits.replacesPerOrder = settings.count("TRADING_EXECUTION_REPLACE_LIMIT", default: 16, in: 0...1_000)
    }
}
