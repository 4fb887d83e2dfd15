import Commands
import Core
import Domain
import Runtime
import Threading

/// How the canary is: what was said last, what is open, and how long the last rollback took.
enum CanaryStatus {
    static let command = Command(
        "canary status", "how the canary is: verdicts, open incidents, the last hard rollback",
        details: """
            From the log. Each limit with what was said of it last, each open incident, the lanes that are not on, and \
            the last hard rollback with the time from its evidence to the last confirmed cancellation.
            """,
        answerNo: "a limit is broken, an incident is open, a clock is ahead, or a record cannot be read"
    ) { invocation in
        let settings = try invocation.settings()
        return try await OpenedLog.using(settings, to: .read) { opened in
            let (fold, unread) = try await CanaryReading.gates(opened.log, settings.policy.policy.gates)
            var listing = Listing("what", "name", "state", "observed", "limit", "sample", "since", "seconds")
            add(fold, settings.policy.policy.gates.canary, to: &listing)
            let isAhead = ahead(fold, to: &listing)
            try listing.print(json: invocation.json)
            for fault in unread { StandardError.line("torghut: \(fault)") }
            let isBroken = fold.incidents.verdicts.rows.contains { $0.verdict == .breach }
            return isBroken || isAhead || !fold.incidents.open.isEmpty || !unread.isEmpty ? .no : .ok
        }
    }

    private static func add(_ fold: GatesFold, _ policy: CanaryPolicy, to listing: inout Listing) {
        listing.add(
            .text("canary"), .text(policy.tradingMode.rawValue), .text(CanaryStanding.state(fold, policy)), .none,
            .none, .none, .none,
            .none)
        for last in fold.incidents.verdicts.rows {
            listing.add(
                .text("verdict"), .text(last.breach.rawValue), .text(last.verdict.rawValue),
                CanaryReading.text(last.observed), CanaryReading.text(last.threshold), .number(last.sample),
                .text("\(last.evaluatedAt)"), .none)
        }
        for row in fold.incidents.open {
            listing.add(
                .text("incident"), .text(row.incidentKey.text), .text(row.isRolledBack ? "rolled_back" : "open"),
                .text("\(row.worst)"), .none, .none, .text("\(row.openedAt)"), .none)
        }
        for lane in fold.control.lanes.rows {
            listing.add(
                .text("lane"), .text(lane.lane.rawValue), .text(lane.mode.rawValue), .none, .none, .none, .none, .none)
        }
        guard let last = fold.rollbacks.latest else { return }
        listing.add(
            .text("rollback"), .text(last.incidentKey.text),
            .text(
                last.orders == 0
                    ? "nothing open"
                    : last.waiting == 0 ? "confirmed" : "\(last.waiting) of \(last.orders) not confirmed"
            ), .none, .none,
            .number(last.orders), CanaryReading.text(last.evidenceAt),
            .optional(last.took.map { "\($0 / .seconds(1))" }))
    }

    /// A clock that is so far ahead hides its partition from the gate; answers whether there is one.
    private static func ahead(_ fold: GatesFold, to listing: inout Listing) -> Bool {
        guard let place = fold.canary.ahead(of: SystemTime().now()), place.by > CanaryFold.maximumSkew else {
            return false
        }
        listing.add(
            .text("clock"), .text("\(place.topic)/\(place.partition)"), .text("ahead"), .none, .none, .none, .none,
            .text("\(place.by / .seconds(1))"))
        return true
    }
}
