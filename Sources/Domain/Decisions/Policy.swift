/// All that is judged by, read once from settings: equal settings give equal hashes, on every machine.
public struct Policy: Sendable, Equatable {
    public var trading: TradingPolicy
    public var routing: RoutingPolicy
    public var gates: GatePolicy
    /// What `TRADING_KILL_SWITCH_ENABLED` says: true engages the switch, anything else changes nothing.
    public var killSwitchInEnvironment: Bool
    public var misconfigurations: [Misconfiguration]
    /// Each setting as it is in force, by name; nothing secret is among them.
    public private(set) var settings: [Setting]
    /// The bytes that the policy hash is made of.
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
        let inForce = settings.inForce.sorted { $0.name < $1.name }
        self.settings = inForce.map { Setting(name: $0.name, value: $0.value) }
        canonicalText = CanonicalText("torghut.policy.v1", inForce).bytes
    }

    /// A setting with the value that is judged by: the default, when it is unset.
    public struct Setting: Sendable, Equatable {
        public let name: String
        public let value: String
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
