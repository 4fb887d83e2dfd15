/// How LEAN's rollout goes over time.
enum GateSeries {
    /// Which route took the orders, and how many were meant for LEAN and went another way.
    static let share = ReadSeries(
        projection: "executions",
        columns: [
            ReadColumn("orders", .integer, sql: "count(*)"),
            ReadColumn("by_lean", .integer, sql: taken("lean")),
            ReadColumn("by_alpaca", .integer, sql: taken("alpaca")),
            ReadColumn("by_simulation", .integer, sql: taken("simulation")),
            ReadColumn("not_taken", .integer, sql: taken("unknown")),
            ReadColumn("lean_share", .decimal, sql: ratio(taken("lean"), of: anyTaken)),
            ReadColumn("expected_lean", .integer, sql: "count(*) FILTER (WHERE \(expected))"),
            ReadColumn("fell_back", .integer, sql: fellBack),
            ReadColumn("fallback_ratio", .decimal, sql: ratio(fellBack, of: "count(*) FILTER (WHERE \(expected))")),
        ], from: "executions AS row",
        filters: [
            ReadSeries.Filter("symbol", .name(maximum: 32), "Of this symbol.", where: "row.symbol = $?"),
            ReadSeries.Filter(
                "account", .name(maximum: 64), "Of this account.", where: "row.alpaca_account_label = $?"),
        ])

    private static let expected = "row.execution_expected_adapter = 'lean'"
    private static let anyTaken = "count(*) FILTER (WHERE row.execution_actual_adapter <> 'unknown')"
    private static let fellBack = "count(*) FILTER (WHERE \(expected) AND row.execution_fallback_count > 0)"

    private static func taken(_ adapter: String) -> String {
        "count(*) FILTER (WHERE row.execution_actual_adapter = '\(adapter)')"
    }

    /// Rounded as every quotient is; null where there is nothing to divide by.
    private static func ratio(_ part: String, of whole: String) -> String {
        "trim_scale(round((\(part))::numeric / nullif(\(whole), 0), 9))"
    }

    /// One limit as the gate judged it: of each bucket the last that was measured, and the limit in force then.
    static let limit = ReadSeries(
        projection: "lean_canary_verdicts",
        columns: [
            ReadColumn("verdicts", .integer, sql: "count(*)"),
            ReadColumn("passes", .integer, sql: "count(*) FILTER (WHERE row.verdict = 'pass')"),
            ReadColumn("breaches", .integer, sql: "count(*) FILTER (WHERE row.verdict = 'breach')"),
            ReadColumn("inconclusive", .integer, sql: "count(*) FILTER (WHERE row.verdict = 'inconclusive')"),
            ReadColumn("observed", .decimal, sql: last("observed")),
            ReadColumn("worst", .decimal, sql: "max(row.observed)"),
            ReadColumn("threshold", .decimal, sql: last("threshold")),
            ReadColumn("baseline", .decimal, sql: last("baseline")),
            ReadColumn("sample", .integer, sql: last("sample")),
            ReadColumn("minimum_sample", .integer, sql: last("minimum_sample")),
        ], from: "lean_canary_verdicts AS row",
        // A whole window is judged when it is over: it says nothing of the moment in which that is done.
        condition: "row.is_closed IS NOT TRUE",
        filters: [
            ReadSeries.Filter(
                "breach_type",
                .choice(["fallback_ratio_exceeded", "error_rate_exceeded", "parity_mismatch", "slippage_exceeded"]),
                "Which limit; fallback_ratio_exceeded unless it is said.", where: "row.breach_type = $?",
                unsaid: "fallback_ratio_exceeded")
        ])

    private static func last(_ column: String) -> String {
        """
        (array_agg(row.\(column) ORDER BY row.log_offset DESC) FILTER (WHERE row.\(column) IS NOT NULL))[1]
        """
    }

    /// What fills cost against the price their decision saw, by route: nearest rank, as the gate reckons.
    static let slippage = ReadSeries(
        projection: "executions",
        columns: [
            ReadColumn("lean_orders", .integer, sql: priced("lean")),
            ReadColumn("alpaca_orders", .integer, sql: priced("alpaca")),
            ReadColumn("lean_p50_bps", .decimal, sql: percentile("0.5", "lean")),
            ReadColumn("alpaca_p50_bps", .decimal, sql: percentile("0.5", "alpaca")),
            ReadColumn("lean_p95_bps", .decimal, sql: percentile("0.95", "lean")),
            ReadColumn("alpaca_p95_bps", .decimal, sql: percentile("0.95", "alpaca")),
            ReadColumn(
                "difference_bps", .decimal,
                sql: "\(percentile("0.95", "lean")) - \(percentile("0.95", "alpaca"))"),
        ], from: "executions AS row \(ExecutionsList.joins)",
        condition: "tca.slippage_bps IS NOT NULL",
        filters: [
            ReadSeries.Filter("symbol", .name(maximum: 32), "Of this symbol.", where: "row.symbol = $?")
        ])

    private static func priced(_ adapter: String) -> String {
        "count(*) FILTER (WHERE tca.execution_adapter = '\(adapter)')"
    }

    private static func percentile(_ part: String, _ adapter: String) -> String {
        """
        (percentile_disc(\(part)) WITHIN GROUP (ORDER BY tca.slippage_bps)
            FILTER (WHERE tca.execution_adapter = '\(adapter)'))
        """
    }
}
