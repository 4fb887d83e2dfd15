internal import HTTPServer
internal import Postgres

/// How far real fills were from what LEAN's shadow said; each intent counts once, by the last word on it.
enum ParitySeries {
    static let drift = ReadSeries(
        projection: "lean_execution_shadow_events",
        columns: [
            ReadColumn("intents", .integer, sql: "count(*)"),
            ReadColumn("passed", .integer, sql: counted("pass")),
            ReadColumn("drifted", .integer, sql: counted("drift")),
            ReadColumn("inconclusive", .integer, sql: counted("inconclusive")),
            ReadColumn("failed", .integer, sql: counted("error")),
            ReadColumn("waiting", .integer, sql: counted("unknown")),
            ReadColumn("drift_ratio", .decimal, sql: "trim_scale(round(\(counted("drift"))::numeric / \(judged), 9))"),
            ReadColumn("average_bps", .decimal, sql: "trim_scale(round(avg(row.parity_delta_bps), 9))"),
            ReadColumn("parity_limit_bps", .decimal, sql: "max(row.parity_limit_bps)"),
        ], from: "(\(latest())) AS row")

    private static let judged = "nullif(count(*) FILTER (WHERE row.parity_status IN ('pass', 'drift')), 0)"

    private static func counted(_ status: String) -> String {
        "count(*) FILTER (WHERE row.parity_status = '\(status)')"
    }

    /// Of each intent the last row of the stretch: its records lie in one partition.
    private static func latest() -> String {
        """
        SELECT DISTINCT ON (intent_id) created_at, parity_status, parity_delta_bps, parity_limit_bps
        FROM lean_execution_shadow_events WHERE created_at >= $1 AND created_at < $2
        ORDER BY intent_id, log_offset DESC
        """
    }

    /// Bins to either side of zero; what lies further out is counted in the last one.
    private static let bins = 100

    static let widths = ["0.1", "0.25", "0.5", "1", "2", "5", "10", "25", "50", "100"]

    /// `$1` and `$2` are the ends of the stretch, `$3` is the width of a bin.
    static let distribution = ReadItem(
        projection: "lean_execution_shadow_events",
        columns: [
            ReadColumn("since", .timestamp, sql: "$1::timestamptz"),
            ReadColumn("until", .timestamp, sql: "$2::timestamptz"),
            ReadColumn("width_bps", .decimal, sql: "$3::text::numeric"),
            ReadColumn("judged", .integer), ReadColumn("drifted", .integer),
            ReadColumn("parity_limit_bps", .decimal), ReadColumn("average_bps", .decimal),
            ReadColumn("p05_bps", .decimal), ReadColumn("p50_bps", .decimal), ReadColumn("p95_bps", .decimal),
            ReadColumn("bins", .json),
        ],
        from: """
            FROM (
                WITH latest AS (\(latest())), judged AS (
                    SELECT *, greatest(-\(bins), least(\(bins - 1), floor(parity_delta_bps / $3::text::numeric)))::bigint
                        AS bin
                    FROM latest WHERE parity_delta_bps IS NOT NULL
                ), bins AS (
                    SELECT bin, count(*) AS judged, count(*) FILTER (WHERE parity_status = 'drift') AS drifted
                    FROM judged GROUP BY bin
                )
                SELECT count(*) AS judged, count(*) FILTER (WHERE parity_status = 'drift') AS drifted,
                    max(parity_limit_bps) AS parity_limit_bps,
                    trim_scale(round(avg(parity_delta_bps), 9)) AS average_bps,
                    percentile_disc(0.05) WITHIN GROUP (ORDER BY parity_delta_bps) AS p05_bps,
                    percentile_disc(0.5) WITHIN GROUP (ORDER BY parity_delta_bps) AS p50_bps,
                    percentile_disc(0.95) WITHIN GROUP (ORDER BY parity_delta_bps) AS p95_bps,
                    (SELECT coalesce(json_agg(json_build_object(
                        'from_bps', CASE WHEN bin > -\(bins) THEN (bin * $3::text::numeric)::text END,
                        'to_bps', CASE WHEN bin < \(bins - 1) THEN ((bin + 1) * $3::text::numeric)::text END,
                        'judged', bins.judged, 'drifted', bins.drifted) ORDER BY bin), '[]'::json) FROM bins) AS bins
                FROM judged
            ) AS row
            """, dependsOnNow: true)
}
