extension Executions {
    public static let views: [ViewDefinition] = [
        .column(of: "executions", name: "decision_id", sql: "trade_decision_id"),
        costs("execution_tca_adapter_agg_v1", by: "execution_adapter"),
        costs("execution_tca_symbol_agg_v1", by: "execution_adapter, symbol"),
        costs("execution_tca_strategy_agg_v1", by: "strategy_id"),
    ]

    /// Costs weighted by notional: money over money, never a mean of ratios.
    private static func costs(_ name: String, by columns: String) -> ViewDefinition {
        .query(
            name: name,
            sql: """
                SELECT \(columns), count(*) AS orders, sum(arrival_notional) AS arrival_notional, \
                sum(shortfall_notional) AS shortfall_notional, \
                sum(shortfall_notional) / nullif(sum(arrival_notional), 0) * 10000 AS slippage_bps \
                FROM execution_tca_metrics WHERE slippage_bps IS NOT NULL GROUP BY \(columns)
                """)
    }
}
