internal import HTTPServer
internal import JSON
internal import Postgres

extension ReadDesk {
    /// Decisions in sum, all of it of one moment.
    func decisions(_ call: Call) async throws -> HTTPServerResponse {
        let found = try await ask { session throws(PostgresError) in try Self.decisions(call, &session) }
        guard let found = try found.get() else { throw Self.notServing("trade_decisions") }
        // Without an end it goes on while the log rests.
        guard call.time("until") == nil else {
            return Self.answer(found.body, at: found.place, of: found.version, to: call)
        }
        var response = HTTPServerResponse.json(found.body)
        response.headers += [(name: Self.position, value: found.place), (name: "Cache-Control", value: "no-store")]
        return response
    }

    private struct Found: Sendable {
        let body: [UInt8]
        let place: String
        let version: String
    }

    private static func decisions(
        _ call: Call, _ session: inout Session
    ) throws(PostgresError) -> Result<Found?, Problem> {
        // To compile a question of many decisions takes longer than to answer it.
        try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off")
        let now = try session.query(keeping: "SELECT (extract(epoch FROM now()) * 1000000)::bigint").rows
        let span: DecisionSpan
        do throws(Problem) { span = try DecisionSpan(call, now: now.integer(0, 0) ?? 0) } catch {
            return .failure(error)
        }
        guard let place = try place(of: "trade_decisions", &session) else { return .success(nil) }
        var parameters = Parameters()
        parameters.append(micros: span.since)
        parameters.append(micros: span.until)
        let measures = try session.query(keeping: DecisionMeasures.sql, parameters).rows
        parameters.append("\(span.step.seconds) seconds")
        var summary = DecisionSummary(span)
        summary.measures = DecisionMeasures(measures)
        summary.take(try session.query(keeping: counts, parameters).rows)
        try session.run("COMMIT")
        return .success(Found(body: summary.written(), place: place.text, version: place.version))
    }

    /// `$1` and `$2` are the span's ends, `$3` is a step.
    ///
    /// Many decisions have the same few lists of reasons: those are taken apart, and not each decision's. Steps are
    /// counted from before all times.
    private static let counts = """
        WITH told AS (
            SELECT date_bin($3::text::interval, row.created_at, timestamptz '0001-01-01 00:00:00+00') AS step,
                least(row.status_rank, 3)::bigint AS verdict,
                CASE WHEN row.status_rank IN (1, 2) THEN row.reject_reasons::text END AS reasons,
                count(*) AS decisions, count(row.conflicted_at) AS conflicted,
                min(row.created_at) AS earliest, max(row.created_at) AS latest
            FROM trade_decisions AS row WHERE row.created_at >= $1 AND row.created_at < $2
            GROUP BY 1, 2, 3
        )
        SELECT (extract(epoch FROM step) * 1000000)::bigint, verdict, NULL::text, sum(decisions)::bigint,
            sum(conflicted)::bigint, (extract(epoch FROM min(earliest)) * 1000000)::bigint,
            (extract(epoch FROM max(latest)) * 1000000)::bigint
        FROM told GROUP BY step, verdict
        UNION ALL
        SELECT (extract(epoch FROM step) * 1000000)::bigint, verdict, reason, sum(decisions)::bigint,
            coalesce(sum(decisions) FILTER (WHERE number = 1), 0)::bigint, NULL, NULL
        FROM told CROSS JOIN LATERAL json_array_elements_text(told.reasons::json) WITH ORDINALITY AS one(reason, number)
        GROUP BY step, verdict, reason
        """
}

extension DecisionSummary {
    fileprivate mutating func take(_ rows: Rows) {
        for row in 0..<rows.count {
            guard let step = rows.integer(row, 0).flatMap(span.index),
                let verdict = rows.integer(row, 1).flatMap({ Verdict(rawValue: Int($0)) })
            else { continue }
            let (decisions, more) = (rows.integer(row, 3) ?? 0, rows.integer(row, 4) ?? 0)
            if let name = rows.text(row, 2) {
                take(Reason(verdict: verdict, name: name), at: step, decisions: decisions, first: more)
            } else {
                take(
                    verdict, at: step, decisions: decisions, conflicted: more, earliest: rows.integer(row, 5) ?? 0,
                    latest: rows.integer(row, 6) ?? 0)
            }
        }
    }
}
