import Core
import Domain
import JSON
import Runtime
import Threading

/// How a run went, when it ends by itself: figures of its own time, and whether anything speaks against going on.
struct UpSummary {
    private let ending: UpStage.Ending
    private let log: any EventLog
    private let began: Timestamp
    private let options: UpOptions
    private let json: Bool

    init(
        _ ending: UpStage.Ending, _ log: any EventLog, _ began: Timestamp, _ options: UpOptions, json: Bool
    ) {
        self.ending = ending
        self.log = log
        self.began = began
        self.options = options
        self.json = json
    }

    func tell() async throws -> ExitCode {
        // Told to end: whoever said so wants no examination.
        guard ending.isOver, !Task.isCancelled else {
            if !json { try StandardOutput().line("ended: \(ending.figures.orders) orders; all of it is kept") }
            return .ok
        }
        let audit = try await StoryAudit(log).run(since: began, until: .latest, at: SystemTime().now())
        let reasons = reasons(audit)
        if json { try printJSON(audit, reasons) } else { try printText(audit, reasons) }
        return reasons.isEmpty ? .ok : .no
    }

    /// Why the answer is no.
    private func reasons(_ audit: StoryAudit.Report) -> [String] {
        let (figures, look) = (ending.figures, ending.look)
        var reasons: [String] = []
        if options.hasTrader, figures.orders == 0 { reasons.append("no order went through") }
        if !audit.isWhole {
            reasons.append("the story of an order is not whole: torghut audit --since \(began)")
        }
        if look.isSafe != true { reasons.append("trading should not go on: torghut status") }
        return reasons + look.reasons
    }

    private func printText(_ audit: StoryAudit.Report, _ reasons: [String]) throws {
        let (figures, look) = (ending.figures, ending.look)
        let rows = [
            ("orders", "\(figures.orders)"),
            (
                "routes",
                "LEAN \(figures.byLEAN), Alpaca \(figures.byAlpaca), Alpaca after LEAN \(figures.afterFallback)"
            ),
            ("fallbacks", "\(figures.fallbacks)"), ("fills", "\(figures.fills)"),
            ("decisions", "\(figures.decisions), \(figures.blocked) blocked, \(figures.rejected) rejected"),
            ("in doubt", "\(figures.inDoubt.count)"), ("discrepancies", "\(figures.discrepancies.count) open"),
            ("parked", "\(figures.parked)"),
            (
                "audit",
                audit.isWhole
                    ? "\(audit.orders) orders, nothing missing"
                    : "\(audit.orders) orders, \(audit.holes.count) holes, \(audit.unreadable.count) unreadable"
            ),
            ("safe", UpScreen.safe(look)),
        ]
        var text = "\n"
        for (name, value) in rows { text += "  \(name.padded(to: 15))\(value)\n" }
        text += reasons.isEmpty ? "yes: all of it went as it should\n" : ""
        for reason in reasons { text += "no: \(reason)\n" }
        try StandardOutput().write(Array(text.utf8))
    }

    private func printJSON(_ audit: StoryAudit.Report, _ reasons: [String]) throws {
        let (figures, look) = (ending.figures, ending.look)
        var json = JSONWriter()
        json.object { json in
            let numbers = [
                ("orders", figures.orders), ("lean", figures.byLEAN), ("alpaca", figures.byAlpaca),
                ("alpaca_after_lean", figures.afterFallback), ("fallbacks", figures.fallbacks),
                ("fills", figures.fills), ("decisions", figures.decisions), ("blocked", figures.blocked),
                ("rejected", figures.rejected), ("in_doubt", figures.inDoubt.count),
                ("discrepancies", figures.discrepancies.count), ("parked", figures.parked),
                ("audited", audit.orders), ("holes", audit.holes.count),
            ]
            for (name, number) in numbers {
                json.key(name)
                json.integer(number)
            }
            json.key("safe")
            if let isSafe = look.isSafe { json.bool(isSafe) } else { json.null() }
            json.key("reasons")
            json.array { json in for reason in reasons { json.string(reason) } }
        }
        json.newline()
        try StandardOutput().write(json.finish())
    }
}
