/// What is in force, who set it, when and why.
enum ControlStateList {
    static let list = ReadList(
        "control_state", of: "control_state",
        columns: [
            ReadColumn("id", .uuid), ReadColumn("control"), ReadColumn("scope"), ReadColumn("name"),
            ReadColumn("state"), ReadColumn("value"), ReadColumn("actor"), ReadColumn("reason"),
            ReadColumn("expires_at", .timestamp), ReadColumn("event_id", .uuid), ReadColumn("log_offset", .integer),
            ReadColumn("effective_at", .timestamp), ReadColumn("changed_at", .timestamp),
            ReadColumn("details", .json, sql: "row.details_json"), ReadColumn("created_at", .timestamp),
            ReadColumn("updated_at", .timestamp),
        ], filters: ControlFilters.all, tie: .uuid("id"))
}

/// Everything that operators and gates ever said.
enum ControlHistoryList {
    static let list = ReadList(
        "control_history", of: "control_state",
        columns: [
            ReadColumn("event_id", .uuid), ReadColumn("event_type"), ReadColumn("control"), ReadColumn("scope"),
            ReadColumn("name"), ReadColumn("state"), ReadColumn("value"), ReadColumn("actor"), ReadColumn("reason"),
            ReadColumn("event_ts", .timestamp), ReadColumn("details", .json, sql: "row.details_json"),
        ], filters: ControlFilters.all, time: "event_ts", tie: .uuid("event_id"))
}

/// Both are asked by the same.
private enum ControlFilters {
    static let all = [
        ReadList.Filter(
            "control", .name(maximum: 64), "About this: kill_switch, lane, override, strategy, policy, …",
            where: "row.control = $?"),
        ReadList.Filter("scope", .name(maximum: 300), "In this scope: global, lane:X, …", where: "row.scope = $?"),
        ReadList.Filter("actor", .name(maximum: 256), "Set by this one.", where: "row.actor = $?"),
    ]
}

/// Which strategies may trade, by whose word.
enum StrategiesList {
    static let list = ReadList(
        "strategies", of: "strategies",
        columns: [
            ReadColumn("id", .uuid), ReadColumn("strategy_id"), ReadColumn("enabled", .boolean),
            ReadColumn("definition_hash"), ReadColumn("definition", .json, sql: "row.definition_json"),
            ReadColumn("route_parity_event_id", .uuid), ReadColumn("actor"), ReadColumn("reason"),
            ReadColumn("enabled_at", .timestamp), ReadColumn("disabled_at", .timestamp),
            ReadColumn("created_at", .timestamp), ReadColumn("updated_at", .timestamp),
        ],
        filters: [
            ReadList.Filter("strategy", .name(maximum: 128), "This strategy.", where: "row.strategy_id = $?")
        ], tie: .uuid("id"))
}

/// Backtests, latest first; their results stand in each by itself.
enum BacktestsList {
    static let list = ReadList(
        "lean_backtest_runs", of: "lean_backtest_runs",
        columns: [
            ReadColumn("backtest_id"), ReadColumn("status"), ReadColumn("lane"), ReadColumn("requested_by"),
            ReadColumn("reproducibility_hash"), ReadColumn("replay_hash"),
            ReadColumn("deterministic_replay_passed", .boolean), ReadColumn("authority_mode"),
            ReadColumn("failure_taxonomy"), ReadColumn("reason"),
            ReadColumn("summary", .json, sql: "row.result_json -> 'summary'"), ReadColumn("submitted_at", .timestamp),
            ReadColumn("started_at", .timestamp), ReadColumn("completed_at", .timestamp),
            ReadColumn("created_at", .timestamp), ReadColumn("updated_at", .timestamp),
        ],
        filters: [
            ReadList.Filter(
                "status", .choice(["queued", "running", "completed", "failed", "cancelled"]), "In this state.",
                where: "row.status = $?"),
            ReadList.Filter(
                "lane", .choice(["research_backtest", "shadow_replay"]), "In this lane.", where: "row.lane = $?"),
            ReadList.Filter(
                "requested_by", .name(maximum: 256), "Asked for by this one.", where: "row.requested_by = $?"),
        ], tie: .text("row.backtest_id"))
}
