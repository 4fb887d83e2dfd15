import Core
import Domain
import JSON
import Runtime

/// Everything the log says of one discrepancy.
enum DiscrepanciesShow {
    static let command = Command(
        "discrepancies show", "show one discrepancy, with its evidence",
        operand: DiscrepancyReading.operand, answerNo: "there is no such discrepancy"
    ) { invocation in
        let id = try DiscrepancyReading.id(invocation)
        return try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            guard let entry = try await DiscrepancyDesk.read(opened.log).history[id] else {
                StandardError.line("torghut: there is no discrepancy \(id)")
                return .no
            }
            let fields = fields(of: entry)
            if invocation.json {
                var json = JSONWriter()
                json.object { json in
                    for (name, text) in fields {
                        json.key(name)
                        if let text { json.string(text) } else { json.null() }
                    }
                }
                json.newline()
                try StandardOutput().write(json.finish())
            } else {
                for (name, text) in fields { try StandardOutput().line("\(name.padded(to: 18))\(text ?? "-")") }
            }
            return .ok
        }
    }

    private static func fields(of entry: DiscrepancyHistory.Known) -> [(String, String?)] {
        [
            ("id", "\(entry.id)"), ("kind", entry.kind.rawValue), ("state", entry.isOpen ? "open" : "resolved"),
            ("severity", entry.severity?.rawValue), ("account", entry.account.text), ("symbol", entry.symbol.text),
            ("alpaca_order_id", entry.order.alpacaOrderID?.text),
            ("client_order_id", entry.order.clientOrderID?.text),
            ("decision_hash", entry.order.decisionHash.map { "\($0)" }),
            ("intent_id", entry.order.intentID.map { "\($0)" }), ("expected", entry.expected?.text),
            ("observed", entry.observed?.text), ("difference", entry.amount.map { "\($0)" }),
            ("detected_by", entry.detectedBy?.text), ("evidence", entry.evidence.map { "\($0)" }),
            ("opened_at", entry.openedAt.map { "\($0)" }), ("found_times", "\(entry.foundTimes)"),
            ("resolution", entry.resolved?.resolution.rawValue), ("resolved_by", entry.resolved?.actor?.text),
            ("reason", entry.resolved?.reason?.text), ("resolved_at", entry.resolvedAt.map { "\($0)" }),
        ]
    }
}
