internal import HTTPServer
internal import JSON
internal import Postgres

extension ReadDesk {
    /// One day in sum, all of it of one moment: counts, and what its trades came to.
    func summary(_ call: Call) async throws -> HTTPServerResponse {
        let day = TradingDay(call)
        let found = try await ask { session throws(PostgresError) in try Self.summary(of: day, &session) }
        guard let found else { throw Self.notServing("executions") }
        // Today goes on while the log rests.
        return day.day == nil ? .json(found.body) : Self.answer(found, to: call)
    }

    /// Rows in the original's envelope.
    func list(_ list: TradingList, _ call: Call) async throws -> HTTPServerResponse {
        let day = TradingDay(list, call)
        let found = try await ask { session throws(PostgresError) in try Self.rows(of: list, day, &session) }
        guard let found else { throw Self.notServing(list.projection) }
        return list.isOfDay && day?.day == nil ? .json(found.body) : Self.answer(found, to: call)
    }

    private static func answer(_ found: Found, to call: Call) -> HTTPServerResponse {
        answer(found.body, at: found.place, of: found.version, to: call)
    }

    private struct Found: Sendable {
        let body: [UInt8]
        let place: String
        /// Counts commits too: a record that is folded late changes rows and moves no input.
        let version: String
    }

    private static func summary(of day: TradingDay, _ session: inout Session) throws(PostgresError) -> Found? {
        try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        // Both feed the answer: it is another one as soon as either gets on.
        guard let trades = try place(of: "executions", &session),
            let judged = try place(of: "trade_decisions", &session)
        else { return nil }
        let bounds = try session.query(
            keeping: """
                SELECT day::text, (extract(epoch FROM since) * 1000000)::bigint,
                    (extract(epoch FROM until) * 1000000)::bigint FROM \(TradingDay.bounds) AS bounds
                """, day.asked
        ).rows
        let orders = try counts("executions", day, &session)
        let decisions = try counts("trade_decisions", day, &session)
        let rows = try session.query(keeping: TradingFills.sql, day.asked).rows
        let untold = try session.query(keeping: TradingFills.untold, day.asked).rows
        let since = bounds.integer(0, 1) ?? 0
        var fills = TradingFills.fold(rows, from: since)
        fills.untold = (untold.integer(0, 0) ?? 0, untold.text(0, 1) ?? "0")
        let summary = TradingSummary(
            day: bounds.text(0, 0) ?? "", zone: day.zone, since: since, until: bounds.integer(0, 2) ?? 0,
            strategy: day.strategy, orders: orders, decisions: decisions, fills: fills)
        try session.run("COMMIT")
        return Found(
            body: summary.written(), place: "\(trades.text); \(judged.text)",
            version: "\(trades.version) \(judged.version)")
    }

    private static func counts(
        _ view: String, _ day: TradingDay, _ session: inout Session
    ) throws(PostgresError) -> [TradingSummary.Count] {
        let rows = try session.query(
            keeping: """
                SELECT row.status, count(*) FROM \(view) AS row, \(TradingDay.bounds) AS bounds
                WHERE row.created_at >= since AND row.created_at < until
                    AND (strategy IS NULL OR row.strategy_id = strategy)
                GROUP BY row.status ORDER BY row.status COLLATE "C"
                """, day.asked
        ).rows
        return (0..<rows.count).map {
            TradingSummary.Count(status: rows.text($0, 0) ?? "", count: rows.integer($0, 1) ?? 0)
        }
    }

    private static func rows(
        of list: TradingList, _ day: TradingDay?, _ session: inout Session
    ) throws(PostgresError) -> Found? {
        try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        guard let place = try place(of: list.projection, &session) else { return nil }
        let rows = try session.query(keeping: list.sql, day?.asked ?? Parameters()).rows
        var json = JSONWriter(reserving: 256 + rows.count * 1_024)
        json.object { json in
            json.key("ok")
            json.bool(true)
            json.key("items")
            json.array { json in
                for row in 0..<rows.count {
                    json.beginObject()
                    for (index, column) in list.columns.enumerated() {
                        json.key(column.name)
                        column.write(rows, row, index, to: &json)
                    }
                    json.endObject()
                }
            }
        }
        try session.run("COMMIT")
        return Found(body: json.finish(), place: place.text, version: place.version)
    }

    /// How far a projection has folded each input, in the snapshot that the rows are of.
    static func place(of projection: String, _ session: inout Session) throws(PostgresError) -> (
        text: String, version: String
    )? {
        let rows = try session.query(keeping: ReadPlace.standing(projection)).rows
        guard let place = Self.place(rows, projection) else { return nil }
        let version = "\(projection)/\(place.version).\(place.commits).\(place.epochs)"
        return (try vectors(of: place, &session), version)
    }
}

extension TradingDay {
    /// `nil` for a list that is of no day.
    fileprivate init?(_ list: TradingList, _ call: Call) {
        guard list.isOfDay else { return nil }
        self.init(call)
    }
}
