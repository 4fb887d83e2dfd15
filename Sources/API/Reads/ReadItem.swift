internal import JSON
internal import Postgres

/// One object of a read model, or what it says in sum.
struct ReadItem: Sendable {
    let projection: String
    let columns: [ReadColumn]
    /// Everything behind `SELECT …`, with `$1` where the parameter stands.
    let from: String
    /// Then it may change while the log rests.
    var dependsOnNow = false

    var shape: Shape { .object(columns.map(\.field), isClosed: true) }

    func sql() -> String {
        """
        SELECT \(columns.map { "found.\($0.name)" }.joined(separator: ", ")), found.is_there,
            place.version, place.commits, place.epochs
        FROM (\(ReadPlace.standing(projection))) AS place LEFT JOIN (
            SELECT \(columns.map(\.selected).joined(separator: ", ")), true AS is_there \(from)
        ) AS found ON true
        """
    }

    func written(_ rows: Rows) -> [UInt8] {
        var json = JSONWriter(reserving: 2_048)
        json.object { json in
            for (index, column) in columns.enumerated() {
                json.key(column.name)
                column.write(rows, 0, index, to: &json)
            }
        }
        return json.finish()
    }
}

/// What is asked one at a time.
enum ReadItems {
    static let execution = ReadItem(
        projection: "executions",
        columns: ExecutionsList.columns + [
            ReadColumn("execution_audit_json", .json), ReadColumn("raw_order", .json),
            ReadColumn("broker_status"), ReadColumn("arrival_price", .decimal),
            ReadColumn("last_reconcile_at", .timestamp), ReadColumn("fills", .json, sql: fills),
        ], from: "FROM executions AS row \(ExecutionsList.joins) WHERE row.id = $1::text::uuid LIMIT 1")

    private static let fills = """
        (SELECT coalesce(json_agg(json_build_object('execution_id', fill.execution_id, 'state', fill.state,
            'effective_qty', fill.effective_qty::text, 'effective_price', fill.effective_price::text,
            'filled_at', fill.filled_at) ORDER BY fill.created_at, fill.execution_id), '[]'::json)
        FROM execution_fills AS fill WHERE fill.client_order_id = row.client_order_id
            AND fill.alpaca_account_label = row.alpaca_account_label AND fill.symbol = row.symbol)
        """

    static let backtest = ReadItem(
        projection: "lean_backtest_runs",
        columns: [
            ReadColumn("backtest_id"), ReadColumn("status"), ReadColumn("lane"),
            ReadColumn("result", .json, sql: "row.result_json"),
            ReadColumn("artifacts", .json, sql: "row.artifacts_json"), ReadColumn("reproducibility_hash"),
            ReadColumn("replay_hash"), ReadColumn("deterministic_replay_passed", .boolean),
            ReadColumn("failure_taxonomy"), ReadColumn("completed_at", .timestamp), ReadColumn("requested_by"),
            ReadColumn("config", .json, sql: "row.config_json"), ReadColumn("reason"),
            ReadColumn("authority_mode"), ReadColumn("submitted_at", .timestamp),
            ReadColumn("started_at", .timestamp), ReadColumn("created_at", .timestamp),
            ReadColumn("updated_at", .timestamp),
        ], from: "FROM lean_backtest_runs AS row WHERE row.backtest_id = $1::text LIMIT 1")

    static let discrepancy = ReadItem(
        projection: "discrepancies", columns: DiscrepanciesList.list.columns,
        from: "FROM discrepancies AS row WHERE row.discrepancy_id = $1::text::uuid LIMIT 1")

    /// What does not fit now, by kind.
    static let openDiscrepancies = ReadItem(
        projection: "discrepancies",
        columns: [
            ReadColumn("open", .integer), ReadColumn("resolved", .integer), ReadColumn("oldest_found_at", .timestamp),
            ReadColumn("kinds", .json),
        ],
        from: """
            FROM (
                SELECT count(*) FILTER (WHERE status = 'open') AS open,
                    count(*) FILTER (WHERE status <> 'open') AS resolved,
                    min(found_at) FILTER (WHERE status = 'open') AS oldest_found_at,
                    (SELECT coalesce(json_agg(json_build_object('kind', kind, 'open', open,
                            'oldest_found_at', to_char(oldest AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
                            ORDER BY open DESC, kind COLLATE "C"), '[]'::json)
                        FROM (SELECT kind, count(*) AS open, min(found_at) AS oldest FROM discrepancies
                            WHERE status = 'open' GROUP BY kind) AS by_kind) AS kinds
                FROM discrepancies
            ) AS row
            """)

    /// By its key, or by its row's id.
    static let incident = ReadItem(
        projection: "lean_canary_incidents", columns: CanaryIncidentsList.list.columns,
        from: "FROM lean_canary_incidents AS row WHERE row.incident_key = $1::text OR row.id::text = $1::text LIMIT 1")

    /// How far LEAN's shadow was from what happened, over the last hours.
    static let parity = ReadItem(
        projection: "lean_execution_shadow_events",
        columns: [
            ReadColumn("lookback_hours", .integer, sql: "$1::bigint"), ReadColumn("events_total", .integer),
            ReadColumn("drift_events", .integer),
            ReadColumn(
                "drift_ratio", .decimal, sql: "round(row.drift_events::numeric / greatest(row.events_total, 1), 9)"),
            ReadColumn("avg_parity_delta_bps", .decimal), ReadColumn("failure_classes", .json),
        ],
        from: """
            FROM (
                SELECT count(*) AS events_total, count(*) FILTER (WHERE parity_status <> 'pass') AS drift_events,
                    round(avg(parity_delta_bps), 9) AS avg_parity_delta_bps,
                    (SELECT coalesce(json_object_agg(failure_taxonomy, times ORDER BY failure_taxonomy), '{}'::json)
                        FROM (SELECT failure_taxonomy, count(*) AS times FROM lean_execution_shadow_events
                            WHERE created_at >= now() - $1::bigint * interval '1 hour' AND failure_taxonomy IS NOT NULL
                            GROUP BY failure_taxonomy) AS classes) AS failure_classes
                FROM lean_execution_shadow_events WHERE created_at >= now() - $1::bigint * interval '1 hour'
            ) AS row
            """, dependsOnNow: true)
}
