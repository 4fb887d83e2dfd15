import Core
import Domain
import Runtime

/// The broker's books held against ours, now.
enum ReconcileOnce {
    static let command = Command(
        "reconcile now", "ask the broker, and show what does not fit",
        details: """
            Reads the log to its end, asks for open orders, account, positions and silent orders, and compares. When \
            something differs it asks once more after TRADING_RECONCILE_GRACE_MS, because what was said may be on its \
            way: only what two answers show is believed. Writes what it read and found, beside whoever reconciles all \
            the time; a difference has the same id whoever finds it. Needs APCA_API_KEY_ID and APCA_API_SECRET_KEY.
            """,
        options: [.switched("dry-run", "write nothing")],
        answerNo: "something does not fit that nobody explained"
    ) { invocation in
        let settings = try invocation.settings()
        let writes = !invocation.has("dry-run")
        let outcome = try await OpenedLog.using(settings, to: writes ? .append : .read) { opened in
            do {
                return try await ReconcileNow.look(settings, opened.log, identity: opened.identity, writing: writes)
            } catch let error as SettingsProblems { throw UsageError(problems: error.problems) }
        }
        try print(outcome, json: invocation.json)
        for failure in outcome.failures { StandardError.line("torghut: \(failure)") }
        // What was seen once may be the other side of an answer that is missing.
        if outcome.has(.open, .found) { return .no }
        guard outcome.failures.isEmpty else { return .failure }
        return outcome.has(.suspected) ? .no : .ok
    }

    private static func print(_ outcome: ReconcileNow.Outcome, json: Bool) throws {
        var listing = Listing(
            "kind", "standing", "severity", "symbol", "expected", "observed", "difference", "alpaca_order_id",
            "client_order_id", "route", "fallback_reason", "discrepancy_id")
        for shown in outcome.shown {
            let difference = shown.difference
            let route = difference.route.map { route in
                route.expected == route.adapter
                    ? route.adapter.rawValue : "\(route.expected.rawValue)->\(route.adapter.rawValue)"
            }
            listing.add(
                .text(difference.kind.rawValue), .text(shown.standing.rawValue), .text(difference.severity.rawValue),
                .text(difference.symbol.text), .text(difference.expected), .text(difference.observed),
                .optional(difference.amount.map { "\($0)" }), .optional(difference.order.alpacaOrderID?.text),
                .optional(difference.order.clientOrderID?.text), .optional(route),
                .optional(difference.route?.fallbackReason?.text), .optional(shown.id.map { "\($0)" }))
        }
        for row in outcome.resolved {
            listing.add(
                .text(row.kind.rawValue), .text("resolved"), .text(row.severity.rawValue), .text(row.symbol.text),
                .text(row.expected.text), .text(row.observed.text), .optional(row.amount.map { "\($0)" }),
                .optional(row.order.alpacaOrderID?.text), .optional(row.order.clientOrderID?.text), .none, .none,
                .text("\(row.id)"))
        }
        if json || !listing.isEmpty { try listing.print(json: json) }
        if !json, outcome.shown.isEmpty {
            try StandardOutput().line("everything fits: \(outcome.ordersRead) orders read")
        }
    }
}
