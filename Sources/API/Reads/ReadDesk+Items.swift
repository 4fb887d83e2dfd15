internal import HTTPServer
internal import Postgres

extension ReadDesk {
    /// One object, or 404.
    func item(_ item: ReadItem, _ parameters: Parameters, missing: String, _ call: Call) async throws
        -> HTTPServerResponse
    {
        let found = try await ask { session throws(PostgresError) -> Found in
            let rows = try session.query(keeping: item.sql(), parameters).rows
            guard rows.count > 0 else { return .notServing }
            guard rows.bool(0, item.columns.count) == true else { return .missing }
            // Version, commits and epochs say where it stands; one object needs no vector.
            let place = (1...3).map { "\(rows.integer(0, item.columns.count + $0) ?? 0)" }.joined(separator: ".")
            return .found(item.written(rows), "\(item.projection)/\(place)")
        }
        switch found {
        case .notServing: throw Self.notServing(item.projection)
        case .missing: throw Problem(.notFound, missing)
        case .found(let body, let place):
            return item.dependsOnNow ? .json(body) : Self.answer(body, at: place, to: call)
        }
    }

    private enum Found: Sendable {
        case notServing, missing
        case found([UInt8], String)
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
