internal import JSON
internal import Postgres

/// What became of the decisions of each of the last minutes.
///
/// Orders stand in the minute in which they began, with everything that came of them until now: where they went, what
/// fell back, what was filled.
struct TradingActivity: Sendable {
    static let defaultMinutes: Int64 = 60
    static let maximumMinutes = 1_440

    /// Of one minute, or of all.
    struct Counts: Sendable {
        var decisions: Int64 = 0
        var orders: Int64 = 0
        var lean: Int64 = 0
        var alpaca: Int64 = 0
        var fallbacks: Int64 = 0
        var fills: Int64 = 0
    }

    private static let fields: [(name: StaticString, of: @Sendable (Counts) -> Int64, summary: String)] = [
        ("decisions", { $0.decisions }, "Decisions of the minute."),
        ("orders", { $0.orders }, "Orders that began in it."),
        ("lean", { $0.lean }, "Of these, taken by LEAN."),
        ("alpaca", { $0.alpaca }, "Of these, taken by Alpaca."),
        ("fallbacks", { $0.fallbacks }, "Fallbacks of these orders."),
        ("fills", { $0.fills }, "Executions of these orders."),
    ]

    static let shape: Shape = {
        let counts = fields.map { Shape.Field("\($0.name)", .integer(0 ... .max), $0.summary) }
        return .object(
            [
                Shape.Field("since", .timestamp), Shape.Field("until", .timestamp, "Not included."),
                Shape.Field("totals", .object(counts, isClosed: true)),
                Shape.Field(
                    "minutes",
                    .list(
                        .object([Shape.Field("at", .timestamp)] + counts, isClosed: true), maximum: maximumMinutes),
                    "Each, also one in which nothing happened."),
            ], isClosed: true)
    }()

    private let since: Int64
    private var minutes: [Counts]

    static func read(
        over minutes: Int64, _ session: inout Session
    ) throws(PostgresError) -> (body: [UInt8], place: String)? {
        try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        guard let trades = try ReadDesk.place(of: "executions", &session),
            let judged = try ReadDesk.place(of: "trade_decisions", &session)
        else { return nil }
        var asked = Parameters()
        asked.append(minutes)
        let bounds = try session.query(
            keeping: "SELECT (extract(epoch FROM since) * 1000000)::bigint FROM \(Self.bounds) AS bounds", asked
        ).rows
        var activity = TradingActivity(
            since: bounds.integer(0, 0) ?? 0, minutes: Array(repeating: Counts(), count: Int(minutes)))
        activity.take(try session.query(keeping: orders, asked).rows) { counts, rows, row in
            counts.orders = rows.integer(row, 1) ?? 0
            counts.lean = rows.integer(row, 2) ?? 0
            counts.alpaca = rows.integer(row, 3) ?? 0
            counts.fallbacks = rows.integer(row, 4) ?? 0
            counts.fills = rows.integer(row, 5) ?? 0
        }
        activity.take(try session.query(keeping: decisions, asked).rows) { counts, rows, row in
            counts.decisions = rows.integer(row, 1) ?? 0
        }
        try session.run("COMMIT")
        return (activity.written(), "\(trades.text); \(judged.text)")
    }

    private mutating func take(_ rows: Rows, _ count: (inout Counts, Rows, Int) -> Void) {
        for row in 0..<rows.count {
            guard let minute = rows.integer(row, 0), minutes.indices.contains(Int(minute)) else { continue }
            count(&minutes[Int(minute)], rows, row)
        }
    }

    /// The current minute is the last one.
    private static let bounds = """
        (SELECT until - $1 * interval '1 minute' AS since, until
        FROM (SELECT date_trunc('minute', now()) + interval '1 minute' AS until) AS now)
        """

    private static let minute = "floor(extract(epoch FROM row.created_at - since) / 60)::bigint"

    private static let orders = """
        SELECT \(minute), count(*), count(*) FILTER (WHERE row.execution_actual_adapter = 'lean'),
            count(*) FILTER (WHERE row.execution_actual_adapter = 'alpaca'),
            sum(row.execution_fallback_count)::bigint, sum(row.execution_count)::bigint
        FROM executions AS row, \(bounds) AS bounds
        WHERE row.created_at >= since AND row.created_at < until GROUP BY 1
        """

    private static let decisions = """
        SELECT \(minute), count(*) FROM trade_decisions AS row, \(bounds) AS bounds
        WHERE row.created_at >= since AND row.created_at < until GROUP BY 1
        """

    private func written() -> [UInt8] {
        let step: Int64 = 60_000_000
        func moment(_ minute: Int) -> String {
            RowText.timestamp(micros: since + Int64(minute) * step).map { "\($0)" } ?? ""
        }
        var json = JSONWriter(reserving: 256 + minutes.count * 128)
        json.object { json in
            json.key("since")
            json.string(moment(0))
            json.key("until")
            json.string(moment(minutes.count))
            json.key("totals")
            json.object { json in
                for field in Self.fields {
                    json.key(field.name)
                    json.integer(minutes.reduce(0) { $0 + field.of($1) })
                }
            }
            json.key("minutes")
            json.array { json in
                for (index, counts) in minutes.enumerated() {
                    json.object { json in
                        json.key("at")
                        json.string(moment(index))
                        for field in Self.fields {
                            json.key(field.name)
                            json.integer(field.of(counts))
                        }
                    }
                }
            }
        }
        return json.finish()
    }
}
