internal import Commands
public import Core
internal import Domain
internal import Folding

/// Whether trading can go on safely, and every reason why not.
///
/// The command line, the API and the console give this one answer. What cannot be looked at counts as a reason: nothing
/// is green for want of looking.
public struct Safety: Sendable {
    /// One thing that was looked at.
    public struct Finding: Sendable, Equatable {
        public let what: String
        public let name: String
        public let state: String
        /// Why trading should not go on; `nil` when this does not speak against it.
        public let reason: String?
        /// What to do about it.
        public let next: String?
    }

    /// Of each kind so many are named, and the others counted.
    static let maximumNamed = 20

    public let lookedAt: Timestamp
    public private(set) var findings: [Finding] = []

    public var reasons: [Finding] { findings.filter { $0.reason != nil } }
    public var isSafe: Bool { reasons.isEmpty }

    /// What this machine says before the log is asked.
    init(_ settings: Settings, at now: Timestamp) {
        lookedAt = now
        lookAtLatch(settings)
    }

    mutating func add(_ what: String, _ name: String, _ state: String, reason: String? = nil, next: String? = nil) {
        findings.append(Finding(what: what, name: name, state: state, reason: reason, next: next))
    }

    /// Nobody knows what the log says, or whether that is all.
    mutating func addUnlooked(_ why: String) {
        add("log", "log", "unknown", reason: why, next: "torghut log stats")
    }

    /// Everything that the log says.
    mutating func look(at log: SafetyFold) {
        lookAtControl(log)
        lookAtRoles(log.roles.standings(at: lookedAt))
        lookAtCanary(log.gates)
        lookAtBooks(log.books)
        lookAtDoubts(log)
        lookAtQuarantine(log)
        lookAtUnread(log.unread)
    }
}

extension Safety {
    private mutating func lookAtLatch(_ settings: Settings) {
        if KillLatch(dataFolder: settings.dataFolder).isEngaged {
            add("kill_switch", "latch", "engaged", reason: "the latch is set: no order leaves", next: "torghut resume")
        }
        if settings.policy.policy.killSwitchInEnvironment {
            add(
                "kill_switch", "environment", "engaged", reason: "TRADING_KILL_SWITCH_ENABLED says so",
                next: "change the environment")
        }
    }

    private mutating func lookAtControl(_ log: SafetyFold) {
        let state = log.gates.control
        let isKilled = state.kill.isEngaged
        add(
            "kill_switch", "log", isKilled ? "engaged" : "released",
            reason: isKilled ? state.kill.reason?.text ?? "as delivered: nobody released it yet" : nil,
            next: isKilled ? "torghut resume" : nil)
        if !state.stop.isLatched { add("emergency_stop", "log", "clear") }
        for latch in state.stop.latches {
            add(
                "emergency_stop", "log", "latched",
                reason: latch.reasons.first?.text ?? "latched at \(latch.latchedAt)",
                next: "torghut canary status, then clear the stop")
        }
        for lane in state.lanes.rows {
            // Orders go to Alpaca then: that is safe, and worth knowing.
            add("lane", lane.lane.rawValue, lane.mode.rawValue)
        }
        for review in state.reviews.rows { add("review", review.symbol.text, "open") }
        for row in state.adapters.rows {
            add(
                "adapter", row.adapter.rawValue,
                "breaker \(row.breaker.rawValue), \(row.health?.rawValue ?? "not known")")
        }
    }

    private mutating func lookAtRoles(_ standings: [RoleStanding]) {
        let live = standings.filter { !$0.isReplaced }
        if live.isEmpty {
            add("role", "all", "unknown", reason: "no role was ever heard", next: "torghut run")
        }
        for standing in live {
            let name = "\(standing.role.rawValue) \(standing.process.text)"
            let state = standing.lag > 0 ? "\(standing.state.rawValue), lag \(standing.lag)" : standing.state.rawValue
            guard !standing.isWell else {
                add("role", name, state)
                continue
            }
            let why = standing.detail.isEmpty ? "seen at \(standing.seenAt)" : standing.detail
            add("role", name, state, reason: why, next: "torghut roles")
        }
    }

    private mutating func lookAtCanary(_ gates: GatesFold) {
        for row in gates.incidents.verdicts.rows {
            let isBreach = row.verdict == .breach
            add(
                "canary", row.breach.rawValue, row.verdict.rawValue,
                reason: isBreach ? "observed \(row.observed.map { "\($0)" } ?? "?")" : nil,
                next: isBreach ? "torghut canary status" : nil)
        }
        for row in gates.incidents.open {
            add(
                "incident", row.incidentKey.text, row.isRolledBack ? "rolled_back" : "open",
                reason: "an incident is open since \(row.openedAt)", next: "torghut canary incidents resolve")
        }
    }
}

extension Safety {
    private mutating func lookAtBooks(_ books: DiscrepancyHistory) {
        let open = books.all.filter(\.isOpen)
        if open.isEmpty { add("discrepancies", "open", "0") }
        for entry in open.prefix(Self.maximumNamed) {
            add(
                "discrepancy", entry.kind.rawValue, "open",
                reason:
                    "\(entry.symbol.text): expected \(entry.expected?.text ?? "?"), observed \(entry.observed?.text ?? "?")",
                next: "torghut discrepancies show \(entry.id)")
        }
        addRest(of: open.count, "discrepancies", "open", next: "torghut discrepancies list")
    }

    /// Orders of which nobody knows what became of them.
    private mutating func lookAtDoubts(_ log: SafetyFold) {
        add("in_doubt", "orders", "\(log.doubts.count)")
        let sorted = log.doubts.values.sorted { ($0.since, $0.order.text) < ($1.since, $1.order.text) }
        for doubt in sorted.prefix(Self.maximumNamed) {
            add(
                "in_doubt", doubt.order.text, "unknown", reason: "nobody knows since \(doubt.since) what became of it",
                next: "torghut explain \(doubt.order.text)")
        }
    }

    /// Records that wait for a person.
    private mutating func lookAtQuarantine(_ log: SafetyFold) {
        let parked = log.parked
        add("quarantine", "parked", "\(parked.count)")
        for record in parked.prefix(Self.maximumNamed) {
            add(
                "quarantine", record.name, "parked", reason: record.reason.rawValue, next: "torghut quarantine show")
        }
    }

    /// Any of them may be a word that speaks against going on.
    private mutating func lookAtUnread(_ faults: [Unreadable]) {
        for fault in faults.prefix(Self.maximumNamed) {
            let isControl = fault.position.source.topic == TopicCatalog.control.name
            add(
                "unreadable", fault.position.description, "unreadable",
                reason: isControl ? "it may be an order to stop: \(fault.why)" : fault.why,
                next: "torghut quarantine skip or patch")
        }
        addRest(of: faults.count, "unreadable", "records", next: "torghut quarantine list")
    }

    private mutating func addRest(of count: Int, _ what: String, _ name: String, next: String) {
        guard count > Self.maximumNamed else { return }
        add(what, name, "\(count)", reason: "and \(count - Self.maximumNamed) more", next: next)
    }
}
