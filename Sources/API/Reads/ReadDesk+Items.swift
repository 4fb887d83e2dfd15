internal import HTTPServer
internal import Postgres

extension ReadDesk {
    /// One object, or 404.
    func item(_ item: ReadItem, _ parameters: Parameters, missing: String, _ call: Call) async throws
        -> HTTPServerResponse
    {
        let found = try await ask { session throws(PostgresError) in
            try snapshot(of: item.projection, item.sql(), parameters, &session) { rows, place in
                Found(body: rows.bool(0, item.columns.count) == true ? item.written(rows) : nil, place: place)
            }
        }
        guard let found else { throw Self.notServing(item.projection) }
        guard let body = found.body else {
            var problem = Problem(.notFound, missing)
            problem.headers.append((name: Self.position, value: found.place))
            throw problem
        }
        return item.dependsOnNow
            ? Self.passing(body, at: found.place) : Self.answer(body, at: found.place, to: call)
    }

    private struct Found: Sendable {
        /// `nil` when there is no such object.
        let body: [UInt8]?
        let place: String
    }

    /// Whether the database answers, and what stands in it.
    func check() async throws -> HTTPServerResponse {
        let began = ContinuousClock.now
        let report = try await ask { session throws(PostgresError) in
            let rows = try session.query(
                keeping: """
                    SELECT projection, version::bigint, fold::bigint FROM projection_versions
                    WHERE state = 'serving' ORDER BY projection
                    """
            ).rows
            return Report(
                server: Int(session.serverVersion), isEncrypted: session.isEncrypted,
                serving: (0..<rows.count).map {
                    (rows.text($0, 0) ?? "", rows.integer($0, 1) ?? 0, rows.integer($0, 2) ?? 0)
                })
        }
        return .json(report.written(ContinuousClock.now - began))
    }
}
