internal import Core
internal import Domain
internal import Synchronization
internal import Telemetry

/// The one judgement of the whole system, and whether trading can go on safely, as numbers: what a page is sent by.
///
/// Each process that runs `api` judges by itself, so they are there once for each of these.
final class SystemMetrics: Sendable {
    /// What speaks against going on, each zero where nothing does.
    static let whats = [
        "canary", "discrepancies", "discrepancy", "emergency_stop", "in_doubt", "incident", "kill_switch", "log",
        "quarantine", "role", "unreadable",
    ]

    private let well: Family<Gauge>
    private let faults: Family<Gauge>
    private let roles: Family<Gauge>
    private let leaders: Family<Gauge>
    private let policies: Family<Gauge>
    private let reasons: Family<Gauge>
    private let doubt: Family<Gauge>
    private let diverged: Family<Gauge>
    /// Series that are shown now, of the families whose labels change.
    private let shown = Mutex((faults: Set<[String]>(), leaders: Set<[String]>()))

    init(in registry: Registry) {
        well = registry.gauges(
            "torghut_system_well", "1 when this process finds nothing degraded in the whole system.", by: [])
        faults = registry.gauges(
            "torghut_system_faults", "What is wrong with a part of the system, as this process judges it.",
            by: ["kind", "part"])
        roles = registry.gauges(
            "torghut_system_role_state", "1 for the state of a role over all processes.", by: ["role", "state"])
        leaders = registry.gauges(
            "torghut_system_leader", "1 for the process that leads in a role.", by: ["role", "process"])
        policies = registry.gauges(
            "torghut_system_policies", "Policies by which the processes judge that are heard; more than one is none.",
            by: [])
        reasons = registry.gauges(
            "torghut_safety_reasons", "Reasons why trading should not go on, as torghut status names them.",
            by: ["what"])
        doubt = registry.gauges(
            "torghut_execution_in_doubt_oldest_seconds",
            "For how long nobody knows what became of an order; 0 when all are known.", by: [])
        diverged = registry.gauges(
            "torghut_trading_order_ids_diverged",
            "Strategies whose order ids diverged between the routes, with no passed parity since.", by: [])
    }

    func show(_ status: SystemStatus) {
        well.labelled().set(status.isWell ? 1 : 0)
        policies.labelled().set(status.policies.count)
        for role in RoleName.allCases {
            let state = status.state(of: role)
            for one in RoleState.allCases { roles.labelled(role.rawValue, one.rawValue).set(one == state ? 1 : 0) }
        }
        show(Self.faults(of: status), leading: Self.leaders(of: status))
    }

    private func show(_ counts: [[String]: Int], leading: Set<[String]>) {
        shown.withLock { shown in
            for old in shown.faults.subtracting(counts.keys) { faults.remove(old[0], old[1]) }
            for old in shown.leaders.subtracting(leading) { leaders.remove(old[0], old[1]) }
            shown = (Set(counts.keys), leading)
        }
        for (labels, count) in counts { faults.labelled(labels[0], labels[1]).set(count) }
        for labels in leading { leaders.labelled(labels[0], labels[1]).set(1) }
    }

    func show(_ look: SafetySight.Look, at now: Timestamp) {
        var counts: [String: Int] = [:]
        // Where the log was never read, only what this machine says is known.
        if look.isKnown { for what in Self.whats { counts[what] = 0 } }
        for finding in look.safety.reasons { counts[finding.what, default: 0] += 1 }
        for what in Self.whats where counts[what] == nil { reasons.remove(what) }
        for (what, count) in counts { reasons.labelled(what).set(count) }
        guard look.isKnown else {
            doubt.removeAll()
            return diverged.removeAll()
        }
        doubt.labelled().set(look.doubtSince.map { max(0, now.since($0) / .seconds(1)) } ?? 0)
        diverged.labelled().set(look.divergences)
    }

    /// Nobody judges here any more.
    func forget() {
        for family in [well, faults, roles, leaders, policies, reasons, doubt, diverged] { family.removeAll() }
        shown.withLock { $0 = ([], []) }
    }

    /// Every part that there is, with how much is wrong with it.
    private static func faults(of status: SystemStatus) -> [[String]: Int] {
        var counts: [[String]: Int] = [:]
        for role in RoleName.allCases { counts[["role", role.rawValue]] = 0 }
        for part in [status.log] + [status.database].compactMap(\.self) + status.adapters + status.streams {
            counts[labels(of: part.part)] = 0
        }
        for fault in status.degraded { counts[labels(of: fault.part), default: 0] += 1 }
        return counts
    }

    private static func labels(of part: String) -> [String] {
        switch part {
        case "log", "database": return [part, part]
        default:
            let words = part.split(separator: " ", maxSplits: 1)
            return words.count == 2 ? [String(words[0]), String(words[1])] : ["adapter", part]
        }
    }

    private static func leaders(of status: SystemStatus) -> Set<[String]> {
        Set(
            RoleName.allCases.compactMap { role in
                status.leader(of: role).map { [role.rawValue, $0.process.text] }
            })
    }
}
