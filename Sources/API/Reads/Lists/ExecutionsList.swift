/// Orders, however they went, with what they cost.
enum ExecutionsList {
    static let list = ReadList(
        "executions", of: "executions", columns: columns,
        filters: [
            ReadList.Filter("symbol", .name(maximum: 32), "Of this symbol.", where: "row.symbol = $?"),
            ReadList.Filter("status", .name(maximum: 32), "With this status.", where: "row.status = $?"),
            ReadList.Filter(
                "adapter", .choice(["lean", "alpaca", "unknown"]), "Taken by this adapter.",
                where: "row.execution_actual_adapter = $?"),
            ReadList.Filter(
                "account", .name(maximum: 64), "Of this account.", where: "row.alpaca_account_label = $?"),
            ReadList.Filter(
                "client_order_id", .name(maximum: 128), "The order that both routes know by this id.",
                where: "row.client_order_id = $?"),
        ], joins: joins, tie: .uuid("id"))

    /// The original's fields come first, and keep their names.
    static let columns = [
        ReadColumn("id", .uuid), ReadColumn("trade_decision_id", .uuid), ReadColumn("symbol"), ReadColumn("side"),
        ReadColumn("order_type"), ReadColumn("time_in_force"), ReadColumn("submitted_qty", .decimal),
        ReadColumn("filled_qty", .decimal), ReadColumn("avg_fill_price", .decimal),
        ReadColumn("execution_expected_adapter"), ReadColumn("execution_actual_adapter"),
        ReadColumn("execution_fallback_reason"), ReadColumn("execution_fallback_count", .integer),
        ReadColumn("execution_correlation_id"), ReadColumn("execution_idempotency_key"), ReadColumn("status"),
        ReadColumn("created_at", .timestamp), ReadColumn("last_update_at", .timestamp),
        ReadColumn("alpaca_order_id"), ReadColumn("tca", .json, sql: tca),
        ReadColumn("alpaca_account_label"), ReadColumn("client_order_id"), ReadColumn("decision_hash"),
        ReadColumn("strategy_id"), ReadColumn("intent_id", .uuid), ReadColumn("execution_route"),
        ReadColumn("execution_adapter"), ReadColumn("limit_price", .decimal), ReadColumn("stop_price", .decimal),
        ReadColumn("submitted_notional", .decimal), ReadColumn("execution_count", .integer),
        ReadColumn("replaces"), ReadColumn("replaced_by"), ReadColumn("cancel_requested_at", .timestamp),
        ReadColumn("updated_at", .timestamp),
    ]

    static let joins = """
        LEFT JOIN execution_tca_metrics AS tca ON tca.alpaca_account_label = row.alpaca_account_label
            AND tca.client_order_id = row.client_order_id AND tca.symbol = row.symbol
        """

    private static let tca = """
        CASE WHEN tca.client_order_id IS NULL THEN NULL ELSE json_build_object(
            'arrival_price', tca.arrival_price::text, 'arrival_notional', tca.arrival_notional::text,
            'signed_qty', tca.signed_qty::text, 'slippage_bps', tca.slippage_bps::text,
            'shortfall_notional', tca.shortfall_notional::text, 'shortfall_bps', tca.shortfall_bps::text,
            'computed_at', tca.computed_at) END
        """
}
