/// What became of each decision.
enum DecisionsList {
    static let list = ReadList(
        "trade_decisions", of: "trade_decisions",
        columns: [
            ReadColumn("id", .uuid), ReadColumn("strategy_id"), ReadColumn("symbol"), ReadColumn("timeframe"),
            ReadColumn("status"), ReadColumn("rationale"), ReadColumn("decision", .json, sql: "row.decision_json"),
            ReadColumn("created_at", .timestamp), ReadColumn("executed_at", .timestamp),
            ReadColumn("alpaca_account_label"), ReadColumn("decision_hash"), ReadColumn("action"),
            ReadColumn("qty", .decimal), ReadColumn("notional", .decimal), ReadColumn("order_type"),
            ReadColumn("limit_price", .decimal), ReadColumn("submission_stage"), ReadColumn("reject_reasons", .json),
            ReadColumn("reject_class"), ReadColumn("trading_mode"), ReadColumn("policy_hash"),
            ReadColumn("intent_id", .uuid), ReadColumn("client_order_id"), ReadColumn("execution_expected_adapter"),
            ReadColumn("submitted_at", .timestamp), ReadColumn("conflicted_at", .timestamp),
            ReadColumn("decision_event_ts", .timestamp), ReadColumn("updated_at", .timestamp),
        ],
        filters: [
            ReadList.Filter("symbol", .name(maximum: 32), "Of this symbol.", where: "row.symbol = $?"),
            ReadList.Filter("status", .name(maximum: 32), "With this status.", where: "row.status = $?"),
            ReadList.Filter("strategy", .name(maximum: 128), "Of this strategy.", where: "row.strategy_id = $?"),
            ReadList.Filter(
                "account", .name(maximum: 64), "Of this account.", where: "row.alpaca_account_label = $?"),
            ReadList.Filter(
                "decision_hash", .name(maximum: 64), "The decision of this hash.", where: "row.decision_hash = $?"),
        ], tie: .uuid("id"))
}

/// What does not fit.
enum DiscrepanciesList {
    static let list = ReadList(
        "discrepancies", of: "discrepancies",
        columns: [
            ReadColumn("discrepancy_id", .uuid), ReadColumn("alpaca_account_label"), ReadColumn("symbol"),
            ReadColumn("kind"), ReadColumn("status"), ReadColumn("severity"), ReadColumn("client_order_id"),
            ReadColumn("alpaca_order_id"), ReadColumn("decision_hash"), ReadColumn("intent_id", .uuid),
            ReadColumn("expected"), ReadColumn("observed"), ReadColumn("difference", .decimal),
            ReadColumn("detected_by"), ReadColumn("evidence", .json), ReadColumn("found_at", .timestamp),
            ReadColumn("found_count", .integer), ReadColumn("resolution"), ReadColumn("resolved_by"),
            ReadColumn("resolution_reason"), ReadColumn("resolved_at", .timestamp),
            ReadColumn("created_at", .timestamp), ReadColumn("updated_at", .timestamp),
        ],
        filters: [
            ReadList.Filter("status", .choice(["open", "resolved"]), "Open or resolved.", where: "row.status = $?"),
            ReadList.Filter("symbol", .name(maximum: 32), "Of this symbol.", where: "row.symbol = $?"),
            ReadList.Filter("kind", .name(maximum: 64), "Of this kind.", where: "row.kind = $?"),
            ReadList.Filter(
                "account", .name(maximum: 64), "Of this account.", where: "row.alpaca_account_label = $?"),
        ], tie: .uuid("discrepancy_id"))
}

/// Records that could not be folded; their bytes are for `torghut quarantine show`.
enum QuarantineList {
    static let list = ReadList(
        "quarantine", of: "quarantine",
        columns: [
            ReadColumn("projection"), ReadColumn("projection_version", .integer), ReadColumn("source_topic"),
            ReadColumn("source_partition", .integer), ReadColumn("source_offset", .integer), ReadColumn("status"),
            ReadColumn("park_reason"), ReadColumn("event_type"), ReadColumn("event_version", .integer),
            ReadColumn("error_path"), ReadColumn("detail"), ReadColumn("record_bytes", .integer),
            ReadColumn("record_sha256"), ReadColumn("record_timestamp", .timestamp),
            ReadColumn("parked_count", .integer), ReadColumn("first_parked_at", .timestamp),
            ReadColumn("last_parked_at", .timestamp), ReadColumn("last_action"),
            ReadColumn("last_action_at", .timestamp), ReadColumn("last_action_by"), ReadColumn("last_action_reason"),
            ReadColumn("created_at", .timestamp), ReadColumn("updated_at", .timestamp),
        ],
        filters: [
            ReadList.Filter(
                "status", .choice(["parked", "released", "skipped", "patched"]), "What became of it.",
                where: "row.status = $?"),
            ReadList.Filter("projection", .name(maximum: 64), "Parked by it.", where: "row.projection = $?"),
            ReadList.Filter("topic", .name(maximum: 128), "Of this topic.", where: "row.source_topic = $?"),
        ],
        tie: .text(
            """
            row.projection || '/' || row.projection_version || '/' || row.source_topic || '/' || row.source_partition
                || '/' || row.source_offset
            """))
}

/// Breaches of the canary.
enum CanaryIncidentsList {
    static let list = ReadList(
        "lean_canary_incidents", of: "lean_canary_incidents",
        columns: [
            ReadColumn("id", .uuid), ReadColumn("incident_key"), ReadColumn("breach_type"), ReadColumn("status"),
            ReadColumn("severity"), ReadColumn("rollback_triggered", .boolean), ReadColumn("symbols", .json),
            ReadColumn("evidence", .json, sql: "row.evidence_json"), ReadColumn("observed", .decimal),
            ReadColumn("threshold", .decimal), ReadColumn("resolution"), ReadColumn("resolved_by"),
            ReadColumn("resolution_reason"), ReadColumn("resolved_at", .timestamp),
            ReadColumn("created_at", .timestamp), ReadColumn("updated_at", .timestamp),
        ],
        filters: [
            ReadList.Filter("status", .choice(["open", "resolved"]), "Open or resolved.", where: "row.status = $?"),
            ReadList.Filter("breach_type", .name(maximum: 64), "Of this kind.", where: "row.breach_type = $?"),
        ], tie: .uuid("id"))
}

/// What LEAN's strategies would have decided.
enum StrategyShadowList {
    static let list = ReadList(
        "lean_strategy_shadow_evaluations", of: "lean_strategy_shadow_evaluations",
        columns: [
            ReadColumn("event_id", .uuid), ReadColumn("event_type"), ReadColumn("run_id"), ReadColumn("strategy_id"),
            ReadColumn("alpaca_account_label"), ReadColumn("symbol"), ReadColumn("decision_hash"),
            ReadColumn("parity_status"), ReadColumn("parity_score", .decimal),
            ReadColumn("promotion_ready", .boolean), ReadColumn("disable_switch_active", .boolean),
            ReadColumn("authority_mode"), ReadColumn("failure_taxonomy"), ReadColumn("reason"),
            ReadColumn("intent", .json, sql: "row.intent_json"), ReadColumn("shadow", .json, sql: "row.shadow_json"),
            ReadColumn("governance", .json, sql: "row.governance_json"), ReadColumn("created_at", .timestamp),
        ],
        filters: [
            ReadList.Filter("strategy", .name(maximum: 128), "Of this strategy.", where: "row.strategy_id = $?"),
            ReadList.Filter("symbol", .name(maximum: 32), "Of this symbol.", where: "row.symbol = $?"),
            ReadList.Filter(
                "parity_status", .name(maximum: 64), "With this parity.", where: "row.parity_status = $?"),
        ], tie: .uuid("event_id"))
}
