internal import Core
internal import Domain
internal import JSON

/// The flags in force: where each comes from, since when, and whether all processes judge by the same.
struct FlagText {
    /// Settings that turn something on or off, or choose between ways; never a secret.
    static let names = [
        "TRADING_ENABLED", "TRADING_MODE", "TRADING_LIVE_ENABLED", "TRADING_KILL_SWITCH_ENABLED",
        "TRADING_EXECUTION_ADAPTER", "TRADING_EXECUTION_ADAPTER_POLICY", "TRADING_EXECUTION_FALLBACK_ADAPTER",
        "TRADING_LEAN_LANE_DISABLE_SWITCH", "TRADING_LEAN_LIVE_CANARY_ENABLED", "TRADING_LEAN_SHADOW_EXECUTION_ENABLED",
        "TRADING_LEAN_STRATEGY_SHADOW_ENABLED", "TRADING_LEAN_BACKTEST_ENABLED", "TRADING_RECONCILE_ENABLED",
        "TRADING_QUOTES_ENABLED", "TRADING_REQUIRE_STREAM_READY", "ENABLE_TRADE_UPDATES",
    ]

    private let status: SystemStatus
    private let house: House
    private let startedAt: Timestamp

    init(_ status: SystemStatus, _ house: House, startedAt: Timestamp) {
        self.status = status
        self.house = house
        self.startedAt = startedAt
    }

    func write(_ json: inout JSONWriter) {
        let inForce = house.settings.policy
        json.object { json in
            json.field("policy_hash", inForce.policyHash.description)
            json.field("config_hash", inForce.configHash.description)
            // A process reads its environment once, when it starts.
            json.field("read_at", startedAt)
            json.field("age_seconds", status.at.since(startedAt).components.seconds)
            json.field("enabled", inForce.policy.trading.isEnabled)
            json.field("mode", inForce.policy.trading.mode.rawValue)
            json.field("agreed", status.policies.count <= 1)
            json.key("policies")
            json.array { json in for hash in status.policies { json.string(hash) } }
            json.key("flags")
            json.array { json in
                for name in Self.names { setting(name, &json) }
                for flag in status.evidence.control.flags.values.sorted(by: { $0.name.text < $1.name.text }) {
                    changed(flag, &json)
                }
            }
            json.key("misconfigurations")
            json.array { json in for one in inForce.policy.misconfigurations { json.string("\(one)") } }
        }
    }

    private func setting(_ name: String, _ json: inout JSONWriter) {
        let value = house.settings.value(of: name)
        json.object { json in
            json.field("name", name)
            json.field("value", value)
            json.field("source", value == nil ? FlagSource.default.rawValue : FlagSource.environment.rawValue)
            json.field("changed_at", startedAt)
            json.field("age_seconds", status.at.since(startedAt).components.seconds)
            json.field("by", house.process)
        }
    }

    private func changed(_ flag: ControlSightings.FlagWord, _ json: inout JSONWriter) {
        json.object { json in
            json.field("name", flag.name.text)
            json.field("value", flag.value)
            json.field("source", flag.source.rawValue)
            json.field("changed_at", flag.changedAt)
            json.field("age_seconds", max(0, status.at.since(flag.changedAt).components.seconds))
            json.field("by", flag.by.text)
        }
    }
}

extension SystemStatus {
    /// By what the processes judge that are heard.
    var policies: [String] {
        let heard = roles.filter { !$0.isSilent && $0.state != .disabled }
        return Set(heard.compactMap(\.policyHash).map(\.description)).sorted()
    }
}
