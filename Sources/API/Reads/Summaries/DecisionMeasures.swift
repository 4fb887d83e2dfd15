internal import JSON
internal import Postgres

/// How late the latest decisions of a span were sent, and how old the quotes were that they were made on.
struct DecisionMeasures: Sendable {
    /// Of how many it was measured, and what half, 95 and 99 of a hundred, and all of them are within.
    struct Spread: Sendable, Equatable {
        var count: Int64 = 0
        var half: Int64?
        var most: Int64?
        var nearlyAll: Int64?
        var longest: Int64?
    }

    /// More decisions are not looked at: a payload is read of each.
    static let maximum = 5_000

    var looked: Int64 = 0
    /// From the decision's time to the first attempt that was prepared for it.
    var delay = Spread()
    /// From the quote's time to the decision's.
    var quote = Spread()

    /// `$1` and `$2` are the span's ends.
    ///
    /// A quote's time is rounded down, as all times of the read models are.
    static let sql = """
        WITH latest AS (
            SELECT row.submitted_at, row.decision_event_ts,
                row.decision_json -> 'reference_quote' ->> 'quote_ts' AS quote_ts
            FROM trade_decisions AS row WHERE row.created_at >= $1 AND row.created_at < $2
            ORDER BY row.created_at DESC LIMIT \(maximum)
        ), measured AS (
            SELECT (extract(epoch FROM (submitted_at - decision_event_ts)) * 1000000)::bigint AS delay,
                (extract(epoch FROM (decision_event_ts
                    - CASE WHEN length(quote_ts) > 27 THEN left(quote_ts, 26) || 'Z' ELSE quote_ts END::timestamptz
                )) * 1000000)::bigint AS quote
            FROM latest
        ), spread AS (
            SELECT count(*) AS looked,
                count(delay) AS delays, max(delay) AS delay_longest,
                percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY delay) AS delay,
                count(quote) AS quotes, max(quote) AS quote_longest,
                percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY quote) AS quote
            FROM measured
        )
        SELECT looked, delays, delay[1], delay[2], delay[3], delay_longest,
            quotes, quote[1], quote[2], quote[3], quote_longest
        FROM spread
        """

    init() {}

    init(_ rows: Rows) {
        looked = rows.integer(0, 0) ?? 0
        delay = Self.spread(rows, from: 1)
        quote = Self.spread(rows, from: 6)
    }

    private static func spread(_ rows: Rows, from column: Int) -> Spread {
        Spread(
            count: rows.integer(0, column) ?? 0, half: rows.integer(0, column + 1), most: rows.integer(0, column + 2),
            nearlyAll: rows.integer(0, column + 3), longest: rows.integer(0, column + 4))
    }
}

extension DecisionMeasures {
    func write(_ json: inout JSONWriter) {
        json.number("looked_at", looked)
        json.key("send_delay")
        Self.write(delay, &json)
        json.key("quote_age")
        Self.write(quote, &json)
    }

    private static func write(_ spread: Spread, _ json: inout JSONWriter) {
        json.object { json in
            json.number("count", spread.count)
            json.number("p50_us", spread.half)
            json.number("p95_us", spread.most)
            json.number("p99_us", spread.nearlyAll)
            json.number("max_us", spread.longest)
        }
    }

    static let fields = [
        Shape.Field("looked_at", .integer(0...Int64(maximum)), "How many, the latest ones, the next two are about."),
        Shape.Field("send_delay", spread, "From a decision's time to the first attempt prepared for it."),
        Shape.Field("quote_age", spread, "How old the quote was that a decision was made on."),
    ]

    private static let micros = Shape.nullable(.integer(.min ... .max))

    private static let spread = Shape.object(
        [
            Shape.Field("count", .integer(0 ... .max), "Those of which it is known."), Shape.Field("p50_us", micros),
            Shape.Field("p95_us", micros), Shape.Field("p99_us", micros), Shape.Field("max_us", micros),
        ], isClosed: true)
}
