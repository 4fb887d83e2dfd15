public import Core

/// What decisions are judged by, as a value.
public struct TradingPolicy: Sendable, Equatable {
    public var isEnabled = false
    public var mode = TradingMode.paper
    /// Live trading needs two settings: one that chooses it, and one that means it.
    public var isLiveAllowed = false
    /// The address contradicts the mode: paper decisions would move real money.
    public var addressContradictsMode = false
    public var isCryptoEnabled = false
    public var isCryptoLiveEnabled = false
    public var allowsFractions = false
    public var allowsShorts = false
    /// Symbols that may be traded; `nil` leaves the choice to the strategies.
    public var symbols: [Symbol]?
    public var caps = Caps()
    public var cooldown = Duration.zero
    public var decisionTTL = Duration.seconds(600)
    public var clockSkew = Duration.seconds(5)
    public var accountFactsMaximumAge = Duration.seconds(60)
    public var controlLease = Duration.seconds(2)
    /// Decisions whose answers are remembered at once; beyond it nothing new is decided.
    public var rememberedAnswers: Int64 = 1_000_000

    /// Limits of size; `nil` is none, and zero is one.
    public struct Caps: Sendable, Equatable {
        public var orderNotional: Amount?
        public var minimumNotional: Amount?
        public var positionShareOfEquity: Amount?
        public var symbolNotional: Amount?
        public var positions: Amount?
        public var grossExposure: Amount?
        public var netExposure: Amount?

        public init() {}
    }

    public init() {}

    public var capitalStage: CapitalStage {
        switch mode {
        case .paper: .paper
        case .live: isLiveAllowed ? .full : .shadow
        }
    }
}

extension TradingPolicy {
    static let paperAddress = "https://paper-api.alpaca.markets"
    static let liveAddress = "https://api.alpaca.markets"

    init(_ settings: inout SettingsReading) {
        self.init()
        isEnabled = settings.flag("TRADING_ENABLED", default: false)
        readMode(&settings)
        isCryptoEnabled = settings.flag("TRADING_CRYPTO_ENABLED", default: false)
        isCryptoLiveEnabled = settings.flag("TRADING_CRYPTO_LIVE_ENABLED", default: false)
        allowsFractions = settings.flag("TRADING_FRACTIONAL_EQUITIES_ENABLED", default: false)
        allowsShorts = settings.flag("TRADING_ALLOW_SHORTS", default: false)
        symbols = settings.symbols("TRADING_STATIC_SYMBOLS")
        caps.orderNotional = settings.cap("TRADING_MAX_NOTIONAL_PER_TRADE")
        caps.minimumNotional = settings.cap("TRADING_MIN_NOTIONAL_PER_TRADE")
        caps.positionShareOfEquity = settings.cap("TRADING_MAX_POSITION_PCT_EQUITY")
        caps.symbolNotional = settings.cap("TRADING_PORTFOLIO_MAX_NOTIONAL_PER_SYMBOL")
        caps.positions = settings.cap("TRADING_PORTFOLIO_MAX_POSITIONS")
        caps.grossExposure = settings.cap("TRADING_PORTFOLIO_MAX_GROSS_EXPOSURE")
        caps.netExposure = settings.cap("TRADING_PORTFOLIO_MAX_NET_EXPOSURE")
        cooldown = settings.seconds("TRADING_COOLDOWN_SECONDS", default: 0, in: 0...86_400)
        decisionTTL = settings.seconds("TRADING_PLANNED_DECISION_TIMEOUT_SECONDS", default: 600, in: 1...86_400)
        clockSkew = settings.seconds("TRADING_DECISION_CLOCK_SKEW_SECONDS", default: 5, in: 0...300)
        accountFactsMaximumAge = settings.seconds(
            "TRADING_ACCOUNT_FACTS_MAX_AGE_SECONDS", default: 60, in: 1...86_400)
        controlLease = settings.seconds("TRADING_KILL_LEASE", default: 2, in: 1...60)
        rememberedAnswers = settings.count(
            "TRADING_DECISION_MEMORY_LIMIT", default: 1_000_000, in: 1...100_000_000)
    }

    private mutating func readMode(_ settings: inout SettingsReading) {
        switch settings.text("TRADING_MODE")?.lowercased() {
        case nil, "paper": mode = .paper
        case "live": mode = .live
        default: settings.report("TRADING_MODE", "is neither paper nor live", instead: "paper")
        }
        settings.keep("TRADING_MODE", mode.rawValue)
        let meant = settings.flag("TRADING_LIVE_ENABLED", default: false)
        isLiveAllowed = mode == .live && meant
        if mode == .live, !meant {
            settings.report(
                "TRADING_LIVE_ENABLED", "is not set while TRADING_MODE is live", instead: "decisions are held back")
        }
        let address = Self.address(settings, mode: mode)
        settings.keep("APCA_API_BASE_URL", address ?? "")
        // Any host may be a simulator's; Alpaca's own two must be the ones that the mode names.
        let wrong = mode == .paper ? Self.liveAddress : Self.paperAddress
        addressContradictsMode = address == nil || address == wrong
        if addressContradictsMode {
            settings.report("APCA_API_BASE_URL", "does not fit TRADING_MODE", instead: "decisions are held back")
        }
        for key in ["APCA_API_KEY_ID", "APCA_API_SECRET_KEY"] where settings.text(key) == nil {
            settings.report(key, "is not set", instead: "Alpaca will refuse every order")
        }
    }

    /// Alpaca's address; only paper trading has one by default.
    static func address(_ settings: SettingsReading, mode: TradingMode) -> String? {
        address(settings.text("APCA_API_BASE_URL")) ?? (mode == .live ? nil : paperAddress)
    }

    /// As the original reads it: without a slash or `/v2` at the end.
    static func address(_ text: String?) -> String? {
        guard var text = text?[...] else { return nil }
        while text.hasSuffix("/") { text = text.dropLast() }
        if text.hasSuffix("/v2") { text = text.dropLast(3) }
        while text.hasSuffix("/") { text = text.dropLast() }
        return String(text)
    }
}
