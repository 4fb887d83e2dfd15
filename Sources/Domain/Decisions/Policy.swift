/// All that is judged by, read once from settings: equal settings give equal hashes, on every machine.
public struct Policy: Sendable, Equatable {
    public var trading: TradingPolicy
    public var routing: RoutingPolicy
    public var gates: GatePolicy
    /// What `TRADING_KILL_SWITCH_ENABLED` says: true engages the switch, anything else changes nothing.
    public var killSwitchInEnvironment: Bool
    public var misconfigurations: [Misconfiguration]
    /// The bytes that the policy hash is made of; nothing secret is in them.
    public private(set) var canonicalText: [UInt8]

    /// Reads settings under their original names.
    public init(settings lookup: @escaping (String) -> String?) {
        var settings = SettingsReading(lookup)
        trading = TradingPolicy(&settings)
        routing = RoutingPolicy(&settings, mode: trading.mode)
        gates = GatePolicy(&settings, routing: routing)
        killSwitchInEnvironment = settings.flag(
            "TRADING_KILL_SWITCH_ENABLED", default: false, whenUnreadable: true)
        misconfigurations = settings.misconfigurations
        canonicalText = CanonicalText("torghut.policy.v1", settings.inForce.sorted { $0.name < $1.name }).bytes
    }
}

/// A policy with its hashes: what an event says it was judged by.
public struct PolicyInForce: Sendable, Equatable {
    public let policy: Policy
    public let policyHash: ContentHash
    /// What the whole configuration hashes to, of which the policy is a part.
    public let configHash: ContentHash

    public init(_ policy: Policy, configHash: ContentHash? = nil, mint: Mint) {
        self.policy = policy
        policyHash = mint.digest(policy.canonicalText)
        self.configHash = configHash ?? policyHash
    }
}
