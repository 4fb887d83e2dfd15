import Core
import Domain
import Runtime

/// What does not fit, as the log has it.
enum DiscrepanciesList {
    static let command = Command(
        "discrepancies list", "list what does not fit between the broker's books and ours",
        details: "From the log: every discrepancy is an event, and so is its end. Without --all only open ones.",
        options: [
            .switched("open", "only open ones; this is the default"), .switched("all", "resolved ones too"),
            .valued("kind", "NAME", "only this kind: missing_fill, status_mismatch, …"),
        ]
    ) { invocation in
        if invocation.has("open"), invocation.has("all") { throw UsageError("--open and --all exclude each other") }
        let kind = try kind(invocation.value("kind"))
        return try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            let (history, unread) = try await DiscrepancyDesk.read(opened.log)
            let entries = history.all.filter {
                (invocation.has("all") || $0.isOpen) && (kind == nil || $0.kind == kind)
            }
            var listing = Listing(
                "id", "kind", "severity", "account", "symbol", "expected", "observed", "difference",
                "alpaca_order_id", "opened_at", "resolution")
            for entry in entries {
                listing.add(
                    .text("\(entry.id)"), .text(entry.kind.rawValue), .optional(entry.severity?.rawValue),
                    .text(entry.account.text), .text(entry.symbol.text), .optional(entry.expected?.text),
                    .optional(entry.observed?.text), .optional(entry.amount.map { "\($0)" }),
                    .optional(entry.order.alpacaOrderID?.text), .optional(entry.openedAt.map { "\($0)" }),
                    .optional(entry.resolved?.resolution.rawValue))
            }
            if invocation.json || !entries.isEmpty { try listing.print(json: invocation.json) }
            if entries.isEmpty {
                StandardError.line("no discrepancy \(invocation.has("all") ? "was found" : "is open")")
            }
            for fault in unread { StandardError.line("torghut: \(fault)") }
            return .ok
        }
    }

    private static func kind(_ name: String?) throws(UsageError) -> DiscrepancyKind? {
        guard let name else { return nil }
        guard let kind = DiscrepancyKind(rawValue: name) else {
            let names = DiscrepancyKind.allCases.map(\.rawValue)
            let nearest = NearestWord.to(name, among: names).map { "; did you mean \($0)?" } ?? ""
            throw UsageError("there is no kind '\(name)'\(nearest)")
        }
        return kind
    }
}
