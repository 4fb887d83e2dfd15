import Commands
import Core
import Domain
import Folding
import Runtime
import Threading

/// Whether trading can go on safely, and every reason why not: assembled from the folds of the log.
///
/// What cannot be looked at counts as a reason: nothing is green for want of looking.
struct Safety {
    /// One thing that was looked at.
    struct Finding {
        let what: String
        let name: String
        let state: String
        /// Why trading should not go on; `nil` when this does not speak against it.
        let reason: String?
        let next: String?

        init(_ what: String, _ name: String, _ state: String, reason: String? = nil, next: String? = nil) {
            self.what = what
            self.name = name
            self.state = state
            self.reason = reason
            self.next = next
        }
    }

    private(set) var findings: [Finding] = []

    var reasons: [Finding] { findings.filter { $0.reason != nil } }
    var isSafe: Bool { reasons.isEmpty }

    static func read(_ settings: Settings) async -> Safety {
        var safety = Safety()
        safety.lookAtLatch(settings)
        let outcome = await FirstAnswer.of(ControlStatus.wait * 3) {
            do {
                return Result<Safety, Unlooked>.success(
                    try await OpenedLog.using(settings, to: .read) { try await look($0.log, settings) })
            } catch { return .failure(Unlooked(why: "\(error)")) }
        }
        switch outcome {
        case .success(let looked)?: safety.findings += looked.findings
        case .failure(let unlooked)?: safety.addUnlooked(unlooked.why)
        case nil: safety.addUnlooked("the log did not answer in time")
        }
        return safety
    }

    private struct Unlooked: Error { let why: String }

    private mutating func addUnlooked(_ why: String) {
        add("log", "log", "unknown", reason: why, next: "torghut log stats")
    }

    private mutating func add(
        _ what: String, _ name: String, _ state: String, reason: String? = nil, next: String? = nil
    ) {
        findings.append(Finding(what, name, state, reason: reason, next: next))
    }

    private static func look(_ log: any EventLog, _ settings: Settings) async throws -> Safety {
        var safety = Safety()
        let now = SystemTime().now()
        safety.lookAtControl(try await ControlView.read(log), now)
        safety.lookAtRoles(try await RoleView.read(log).standings(at: now))
        let (gates, unread) = try await CanaryReading.gates(log, settings.policy.policy.gates)
        safety.lookAtCanary(gates, unread)
        safety.lookAtBooks(try await DiscrepancyDesk.read(log))
        try await safety.lookAtDoubt(log)
        try await safety.lookAtQuarantine(log)
        return safety
    }
}

extension Safety {
    private mutating func lookAtLatch(_ settings: Settings) {
        let latch = KillLatch(dataFolder: settings.dataFolder)
        if latch.isEngaged {
            add("kill_switch", "latch", "engaged", reason: "the latch is set: no order leaves", next: "torghut resume")
        }
        if settings.policy.policy.killSwitchInEnvironment {
            add(
                "kill_switch", "environment", "engaged", reason: "TRADING_KILL_SWITCH_ENABLED says so",
                next: "change the environment")
        }
    }

    private mutating func lookAtControl(_ view: ControlView, _ now: Timestamp) {
        let state = view.state
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
        for fault in view.unreadable {
            add(
                "control", fault.position.description, "unreadable", reason: "it may be an order to stop: \(fault.why)",
                next: "torghut quarantine skip or patch")
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

    private mutating func lookAtCanary(_ gates: GatesFold, _ unread: [String]) {
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
        for fault in unread { add("gates", "log", "unreadable", reason: fault, next: "torghut quarantine list") }
    }

    private mutating func lookAtBooks(_ read: (history: DiscrepancyHistory, unread: [Unreadable])) {
        let open = read.history.all.filter(\.isOpen)
        if open.isEmpty { add("discrepancies", "open", "0") }
        for entry in open.prefix(20) {
            add(
                "discrepancy", entry.kind.rawValue, "open",
                reason:
                    "\(entry.symbol.text): expected \(entry.expected?.text ?? "?"), observed \(entry.observed?.text ?? "?")",
                next: "torghut discrepancies show \(entry.id)")
        }
        if open.count > 20 {
            add(
                "discrepancies", "open", "\(open.count)", reason: "and \(open.count - 20) more",
                next: "torghut discrepancies list")
        }
        for fault in read.unread {
            add(
                "order_events", fault.position.description, "unreadable", reason: fault.why,
                next: "torghut quarantine list")
        }
    }
}

extension Safety {
    /// Orders of which nobody knows what became of them.
    private mutating func lookAtDoubt(_ log: any EventLog) async throws {
        var doubt: [AttemptID: (since: Timestamp, id: ClientOrderID)] = [:]
        let types: Set<EventType> = [.route(.attemptUnknown), .route(.attemptResolved)]
        let faults = try await LogScan.read(log, LogScan.partitions([TopicCatalog.route]), wanting: types) { event, _ in
            switch event.content {
            case .route(.attemptUnknown(let unknown)):
                doubt[unknown.key.attemptID] = (unknown.unknownSince, unknown.key.clientOrderID)
            case .route(.attemptResolved(let resolved)): doubt[resolved.key.attemptID] = nil
            default: break
            }
        }
        add("in_doubt", "orders", "\(doubt.count)")
        for (_, row) in doubt.sorted(by: { $0.value.since < $1.value.since }).prefix(20) {
            add(
                "in_doubt", row.id.text, "unknown", reason: "nobody knows since \(row.since) what became of it",
                next: "torghut explain \(row.id.text)")
        }
        for fault in faults {
            add("route", fault.position.description, "unreadable", reason: fault.why, next: "torghut quarantine list")
        }
    }

    /// Records that wait for a person, as the log tells of them.
    private mutating func lookAtQuarantine(_ log: any EventLog) async throws {
        var parked: [String: ParkReason] = [:]
        var settled: Set<String> = []
        let types: Set<EventType> = [
            .quarantine(.recordParked), .control(.quarantineReleased), .control(.quarantineSkipped),
            .control(.quarantinePatched),
        ]
        func key(_ record: ParkedKey) -> String { "\(record.projection.text) \(record.place)" }
        try await LogScan.read(
            log, LogScan.partitions([TopicCatalog.quarantine, TopicCatalog.control]), wanting: types
        ) {
            event, _ in
            switch event.content {
            case .quarantine(.recordParked(let said)): parked[key(said.record)] = said.parkReason
            case .control(.quarantineReleased(let said)): settled.insert(key(said.record))
            case .control(.quarantineSkipped(let said)): settled.insert(key(said.record))
            case .control(.quarantinePatched(let said)): settled.insert(key(said.record))
            default: break
            }
        }
        let open = parked.filter { !settled.contains($0.key) }.sorted { $0.key < $1.key }
        add("quarantine", "parked", "\(open.count)")
        for (place, why) in open.prefix(20) {
            add("quarantine", place, "parked", reason: why.rawValue, next: "torghut quarantine show")
        }
    }
}
