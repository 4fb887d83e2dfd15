import Core
import Domain
import Runtime
import Threading

/// LEAN's orders beside Alpaca's.
enum ParityReport {
    static let command = Command(
        "parity report", "compare orders by LEAN with orders by Alpaca: slippage, shortfall, latency, rejects",
        details: """
            From the log. Slippage is a fill's distance from the price at which the order was decided, a cost when \
            positive; shortfall is the cost of everything that was filled, of all of it at that price; latency is that \
            of the submit. The verdict is about the total, and needs a sample of both. Paper and live are never added up.
            """,
        options: [
            .valued("since", "TIME", "only attempts from here on, RFC 3339; default all"),
            .valued("mode", "MODE", "paper or live; default that of TRADING_MODE"),
        ],
        answerNo: "LEAN costs more than its limits allow"
    ) { invocation in
        let settings = try invocation.settings()
        let since = try CanaryReading.moment(invocation, "since") ?? .earliest
        let policy = settings.policy.policy.gates.canary
        let mode = try mode(invocation.value("mode")) ?? policy.tradingMode
        return try await OpenedLog.using(settings, to: .read) { opened in
            let costs = try await RouteCosts.read(opened.log, since: since, mode)
            var listing = Listing(
                "symbol", "route", "attempts", "accepted", "refused", "unknown", "filled", "slippage_p50_bps",
                "slippage_p95_bps", "shortfall_bps", "latency_p50_ms", "latency_p95_ms", "reject_ratio")
            let pairs = costs.pairs
            for pair in pairs {
                let symbol = pair.symbol?.text ?? "total"
                if pair.symbol == nil || pair.lean.attempts > 0 { add(symbol, "lean", pair.lean, to: &listing) }
                if pair.symbol == nil || pair.alpaca.attempts > 0 { add(symbol, "alpaca", pair.alpaca, to: &listing) }
            }
            try listing.print(json: invocation.json)
            for fault in costs.unread { StandardError.line("torghut: \(fault)") }
            guard let total = pairs.last else { return .ok }
            let verdict = verdict(total, policy)
            if !invocation.json { try StandardOutput().line("verdict: \(verdict.rawValue)") }
            return verdict == .breach ? .no : .ok
        }
    }

    private static func mode(_ name: String?) throws(UsageError) -> TradingMode? {
        guard let name else { return nil }
        guard let mode = TradingMode(rawValue: name) else { throw UsageError("--mode is paper or live, not '\(name)'") }
        return mode
    }

    private static func verdict(_ total: RouteComparison.Pair, _ policy: CanaryPolicy) -> Verdict {
        guard min(total.lean.filled, total.alpaca.filled) >= policy.minimumSample,
            let shortfall = total.shortfall, let slippage = total.slippageP95
        else { return .inconclusive }
        return shortfall > policy.shortfallLimitBps || slippage > policy.slippageP95LimitBps ? .breach : .pass
    }

    private static func add(
        _ symbol: String, _ route: String, _ line: RouteComparison.Line, to listing: inout Listing
    ) {
        listing.add(
            .text(symbol), .text(route), .number(line.attempts), .number(line.accepted), .number(line.refused),
            .number(line.unknown), .number(line.filled), CanaryReading.text(line.slippage(50)),
            CanaryReading.text(line.slippage(95)), CanaryReading.text(line.shortfallBps),
            milliseconds(line.latency(50)), milliseconds(line.latency(95)), CanaryReading.text(line.rejectRatio))
    }

    private static func milliseconds(_ microseconds: Int64?) -> Listing.Cell {
        .optional(microseconds.map { "\(Amount(units: Int128($0) * (Amount.unitsPerOne / 1_000)))" })
    }
}
