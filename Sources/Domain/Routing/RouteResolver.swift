public import Core

/// Which adapter an order should go by, and why.
public struct RouteChoice: Sendable, Equatable {
    public let adapter: Adapter
    public let reason: RouteReason

    public init(_ adapter: Adapter, _ reason: RouteReason) {
        self.adapter = adapter
        self.reason = reason
    }
}

/// The policy resolver: LEAN only where everything says so, Alpaca wherever anything is wrong or not known.
public enum RouteResolver {
    public static func resolve(
        _ symbol: Symbol, hint: Adapter? = nil, policy: RoutingPolicy, control: ControlState, at now: Timestamp
    ) -> RouteChoice {
        switch policy.adapter {
        case nil, .unknown: return RouteChoice(.alpaca, .adapterMisconfigured)
        case .alpaca: return RouteChoice(.alpaca, .adapterAlpaca)
        case .simulation: return RouteChoice(.simulation, .adapterSimulation)
        case .lean: break
        }
        if let refusal = refusal(policy: policy, control: control, at: now) { return RouteChoice(.alpaca, refusal) }
        if !isInScope(symbol, policy) { return RouteChoice(.alpaca, .canaryScope) }
        if hint == .alpaca { return RouteChoice(.alpaca, .adapterHint) }
        switch policy.mode {
        case nil: return RouteChoice(.alpaca, .adapterMisconfigured)
        case .all: return RouteChoice(.lean, hint == .lean ? .adapterHint : .policyAll)
        case .allowlist where policy.symbols.isEmpty: return RouteChoice(.alpaca, .allowlistEmpty)
        case .allowlist:
            return policy.symbols.contains(symbol)
                ? RouteChoice(.lean, hint == .lean ? .adapterHint : .symbolAllowlisted)
                : RouteChoice(.alpaca, .symbolNotAllowlisted)
        }
    }

    /// Why no order may go to LEAN now, whatever its symbol.
    ///
    /// Half open lets orders through as probes; the router counts them.
    public static func refusal(policy: RoutingPolicy, control: ControlState, at now: Timestamp) -> RouteReason? {
        // A lane that is only tried out sends nothing either.
        if policy.isLaneDisabled || control.mode(of: .execution) != .on { return .laneDisabled }
        if policy.tradingMode == .live, policy.canary.isEnabled, control.mode(of: .liveCanaryExecution) == .off {
            return .laneDisabled
        }
        if policy.runnerAddress == nil { return .runnerUrlMissing }
        if policy.tradingMode == .live, policy.fallback != .alpaca { return .fallbackMisconfigured }
        let standing = control.standing(of: .lean)
        if standing.breaker == .open { return .breakerOpen }
        if policy.health.isRequired, !isHealthy(standing, policy.health, at: now) { return .runnerUnhealthy }
        return nil
    }

    static func isHealthy(_ standing: AdapterStanding, _ health: RoutingPolicy.Health, at now: Timestamp) -> Bool {
        guard standing.health == .healthy, let seen = standing.healthObservedAt else { return false }
        return now.since(seen) <= health.maximumAge
    }

    private static func isInScope(_ symbol: Symbol, _ policy: RoutingPolicy) -> Bool {
        guard policy.tradingMode == .live, policy.canary.isEnabled else { return true }
        if policy.canary.cryptoOnly, AssetClass(of: symbol) != .crypto { return false }
        return policy.canary.symbols.isEmpty || policy.canary.symbols.contains(symbol)
    }
}

/// What kind of thing a symbol names, by its spelling alone.
public enum AssetClass: Sendable, Equatable {
    case equity
    case crypto

    /// `BTC/USD` is crypto; `BTCUSD` is not said to be.
    public init(of symbol: Symbol) {
        let text = symbol.text.utf8
        self = text.count >= 5 && text.contains(UInt8(ascii: "/")) ? .crypto : .equity
    }
}
