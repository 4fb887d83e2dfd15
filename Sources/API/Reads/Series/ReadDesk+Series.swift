internal import Core
internal import HTTPServer
internal import Postgres

extension ReadDesk {
    private struct Summed: Sendable {
        let body: [UInt8]
        let place: String
    }

    /// A read model in sum over a stretch of time.
    func series(_ series: ReadSeries, _ call: Call, at now: Timestamp) async throws -> HTTPServerResponse {
        let stretch = try Stretch(call, at: now)
        let query = series.query(call, stretch)
        let found = try await ask { session throws(PostgresError) in
            try snapshot(of: series.projection, query.sql, query.parameters, &session) {
                Summed(body: series.written($0, stretch), place: $1)
            }
        }
        guard let found else { throw Self.notServing(series.projection) }
        return stretch.isFixed
            ? Self.answer(found.body, at: found.place, to: call) : Self.passing(found.body, at: found.place)
    }

    /// An answer that may be another one while the log rests.
    static func passing(_ body: [UInt8], at place: String) -> HTTPServerResponse {
        var response = HTTPServerResponse.json(body)
        response.headers += [(name: position, value: place), (name: "Cache-Control", value: "no-store")]
        return response
    }
}
