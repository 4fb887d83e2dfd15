/// What the canary's gate said, word by word, with the limits that were in force.
enum CanaryVerdictsList {
    static let list = ReadList(
        "lean_canary_verdicts", of: "lean_canary_verdicts",
        columns: [
            ReadColumn("event_id", .uuid), ReadColumn("breach_type"), ReadColumn("verdict"), ReadColumn("action"),
            ReadColumn("window_start", .timestamp), ReadColumn("window_end", .timestamp),
            ReadColumn("is_closed", .boolean), ReadColumn("trading_mode"), ReadColumn("dry_run", .boolean),
            ReadColumn("sample", .integer), ReadColumn("minimum_sample", .integer), ReadColumn("numerator", .integer),
            ReadColumn("observed", .decimal), ReadColumn("threshold", .decimal), ReadColumn("baseline", .decimal),
            ReadColumn("lean_total", .integer), ReadColumn("fallback_total", .integer),
            ReadColumn("pending_total", .integer), ReadColumn("overdue_total", .integer),
            ReadColumn("truncated", .boolean), ReadColumn("policy_hash"), ReadColumn("amends_event_id", .uuid),
            ReadColumn("created_at", .timestamp),
        ],
        filters: [
            ReadList.Filter("breach_type", .name(maximum: 64), "Of this limit.", where: "row.breach_type = $?"),
            ReadList.Filter(
                "verdict", .choice(["pass", "breach", "inconclusive"]), "That said this.", where: "row.verdict = $?"),
        ], tie: .uuid("event_id"))
}

/// How far LEAN was let in, step by step, by whose word.
enum RolloutStepsList {
    static let list = ReadList(
        "lean_rollout_steps", of: "lean_canary_verdicts",
        columns: [
            ReadColumn("event_id", .uuid), ReadColumn("rollout_id"), ReadColumn("step", .integer),
            ReadColumn("phase"), ReadColumn("previous_phase"), ReadColumn("lane"),
            ReadColumn("scope_symbols", .json), ReadColumn("scope_accounts", .json),
            ReadColumn("scope_share", .decimal), ReadColumn("stop_condition"), ReadColumn("rollback_trigger"),
            ReadColumn("fallback_ratio_limit", .decimal), ReadColumn("actor"), ReadColumn("reason"),
            ReadColumn("policy_hash"), ReadColumn("evidence", .json, sql: "row.evidence_json"),
            ReadColumn("created_at", .timestamp),
        ],
        filters: [
            ReadList.Filter("rollout", .name(maximum: 128), "Of this rollout.", where: "row.rollout_id = $?")
        ], tie: .uuid("event_id"))
}
