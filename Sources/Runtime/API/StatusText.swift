internal import Commands
internal import Core
internal import Domain
internal import Folding
internal import JSON

/// The status of trading as one process knows it; the original's fields that we have keep their names.
enum StatusText {
    /// Roles that were asked to run here and neither work nor stand by.
    static func roleFaults(_ house: House) -> [String] {
        RoleCatalog.all.map { $0.name }.compactMap { role in
            let standing = house.board[role]
            switch standing.state {
            case .disabled, .running, .follower: return nil
            case .degraded, .unknown, .leaderStarting, .leaderNotStarted:
                return "role \(role.rawValue) is \(standing.state.rawValue)\(standing.detail.isEmpty ? "" : ": ")"
                    + standing.detail
            }
        }
    }

    static func bytes(_ house: House, _ seen: ControlSight.Seen, _ status: SystemStatus) -> [UInt8] {
        let inForce = house.settings.policy
        var json = JSONWriter()
        json.object { json in
            json.key("service")
            json.string("torghut")
            json.key("process")
            json.string(house.process)
            json.key("log")
            json.string(house.settings.log.description)
            json.key("enabled")
            json.bool(inForce.policy.trading.isEnabled)
            json.key("mode")
            json.string(inForce.policy.trading.mode.rawValue)
            json.field("last_decision_at", HealthText.lastDecision(status))
            // There is no model here that is asked.
            json.field("llm_enabled", false)
            json.key("policy_hash")
            json.string("\(inForce.policyHash)")
            json.key("config_hash")
            json.string("\(inForce.configHash)")
            json.key("kill_switch_enabled")
            json.bool(StopReading(house, seen).isEngaged)
            json.key("running")
            json.bool(roleFaults(house).isEmpty)
            json.key("last_error")
            if let fault = roleFaults(house).first { json.string(fault) } else { json.null() }
            json.key("rollback")
            rollback(seen, &json)
            json.key("misconfigurations")
            json.array { json in for one in inForce.policy.misconfigurations { json.string("\(one)") } }
            json.key("roles")
            json.array { json in for type in RoleCatalog.all { role(type.name, house, &json) } }
            json.key("control")
            json.raw(ControlText.bytes(seen, house))
        }
        return json.finish()
    }

    private static func rollback(_ seen: ControlSight.Seen, _ json: inout JSONWriter) {
        let latch = seen.view.state.stop.latches.last
        json.object { json in
            json.key("emergency_stop_active")
            json.bool(seen.view.state.stop.isLatched)
            json.key("emergency_stop_reason")
            if let reason = latch?.reasons.first { json.string(reason.text) } else { json.null() }
            json.key("emergency_stop_triggered_at")
            if let latch { json.string("\(latch.latchedAt)") } else { json.null() }
        }
    }

    private static func role(_ name: RoleName, _ house: House, _ json: inout JSONWriter) {
        let standing = house.board[name]
        json.object { json in
            json.key("role")
            json.string(name.rawValue)
            json.key("state")
            json.string(standing.state.rawValue)
            json.key("detail")
            json.string(standing.detail)
            json.key("last_progress")
            if let progress = standing.lastProgress { json.string("\(progress)") } else { json.null() }
        }
    }
}
