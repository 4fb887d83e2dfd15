public import Core

/// What the gates judge by, as a value.
public struct GatePolicy: Sendable, Equatable {
    public var window = Duration.seconds(300)
    /// Below this many outcomes in a window nothing is said.
    public var minimumSample: Int64 = 20
    public var errorRateLimit = Amount(units: Amount.unitsPerOne / 2)
    /// Probes while the breaker is half open.
    public var probes: Int64 = 3
    /// A probe without an outcome has failed after this.
    public var probeLimit = Duration.seconds(30)
    /// How long the breaker stays open at first; twice as long each time it opens again soon.
    public var retryDelay = Duration.seconds(30)
    public var longestRetryDelay = Duration.seconds(900)
    public var healthMaximumAge = Duration.seconds(15)
    public var isHealthRequired = true
    /// How far the notional of an accepted order may lie from the one that was asked for: a part of it.
    public var notionalTolerance = Amount(units: Amount.unitsPerOne / 1_000)

    public var canary = CanaryPolicy()

    public init() {}
}

extension GatePolicy {
    init(_ settings: inout SettingsReading, routing: RoutingPolicy) {
        self.init()
        window = settings.seconds("TRADING_LEAN_BREAKER_WINDOW_SECONDS", default: 300, in: 1...86_400)
        minimumSample = settings.count("TRADING_LEAN_BREAKER_MINIMUM_SAMPLE", default: 20, in: 1...100_000)
        errorRateLimit = settings.amount(
            "TRADING_LEAN_BREAKER_ERROR_RATE_LIMIT", default: errorRateLimit, in: .zero ... .one)
        probes = settings.count("TRADING_LEAN_BREAKER_PROBES", default: 3, in: 1...1_000)
        probeLimit = settings.seconds("TRADING_LEAN_BREAKER_PROBE_LIMIT_SECONDS", default: 30, in: 1...3_600)
        retryDelay = settings.seconds("TRADING_LEAN_BREAKER_RETRY_SECONDS", default: 30, in: 1...86_400)
        longestRetryDelay = settings.seconds("TRADING_LEAN_BREAKER_RETRY_MAX_SECONDS", default: 900, in: 1...86_400)
        notionalTolerance = settings.amount(
            "TRADING_LEAN_NOTIONAL_TOLERANCE", default: notionalTolerance, in: .zero ... .one)
        healthMaximumAge = routing.health.maximumAge
        isHealthRequired = routing.health.isRequired
        canary = CanaryPolicy(&settings, routing)
    }
}
