internal import HTTPServer
internal import Postgres

extension ReadDesk {
    /// What waits for an operator, in all read models at one moment.
    func waitingRecords(_ call: Call) async throws -> HTTPServerResponse {
        let (record, limit) = (call.text("record"), call.integer("limit") ?? WaitingRecords.defaultLimit)
        let found = try await ask { session throws(PostgresError) in
            try Self.waiting(record, limit, &session)
        }
        guard let found else { throw Self.notServing("quarantine") }
        return Self.answer(found.body, at: found.place, of: found.version, to: call)
    }

    private struct Found: Sendable {
        let body: [UInt8]
        let place: String
        let version: String
    }

    private static func waiting(
        _ record: String?, _ limit: Int64, _ session: inout Session
    ) throws(PostgresError) -> Found? {
        try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        guard let told = try place(of: "quarantine", &session) else { return nil }
        let projections = try parking(&session)
        var parameters = Parameters()
        parameters.append(record)
        parameters.append(limit)
        let body: [UInt8]
        var places = [told]
        if projections.isEmpty {
            body = WaitingRecords.nothing
        } else {
            body = WaitingRecords.written(
                try session.query(.sql(WaitingRecords.sql(projections)), parameters).rows)
            for projection in projections where projection.name != "quarantine" {
                if let place = try place(of: projection.name, &session) { places.append(place) }
            }
        }
        try session.run("COMMIT")
        return Found(
            body: body, place: places.map(\.text).joined(separator: "; "),
            version: places.map(\.version).joined(separator: " "))
    }

    /// The versions that serve and hold something back: asked first, so that nobody reads what is empty.
    private static func parking(
        _ session: inout Session
    ) throws(PostgresError) -> [(name: String, version: Int64)] {
        let rows = try session.query(
            keeping: """
                SELECT projection, version::bigint FROM projection_versions
                WHERE state = 'serving' AND projection ~ '^[a-z][a-z0-9_]*$'
                    AND to_regclass(projection || '_parked') IS NOT NULL ORDER BY projection
                """
        ).rows
        let serving = (0..<rows.count).map { (name: rows.text($0, 0) ?? "", version: rows.integer($0, 1) ?? 0) }
        guard !serving.isEmpty else { return [] }
        let holds = try session.query(
            .sql(
                "SELECT "
                    + serving.map { "EXISTS (SELECT FROM \($0.name)_parked WHERE state = 'parked')" }
                    .joined(separator: ", "))
        ).rows
        return serving.enumerated().filter { holds.bool(0, $0.offset) == true }.map(\.element)
    }
}
