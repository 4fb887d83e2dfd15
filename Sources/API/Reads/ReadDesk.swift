internal import Core
internal import HTTPServer
internal import JSON
public import Postgres

/// Answers from the read models, each with the position it reflects.
public struct ReadDesk: Sendable {
    private let pool: SessionPool
    private let pulse: DatabasePulse
    private let places = KnownPlaces()

    public init(_ pool: SessionPool, of database: PostgresSettings) {
        self.pool = pool
        pulse = DatabasePulse(database)
    }

    public func close() { pulse.close() }

    /// A page of a list.
    func page(_ list: ReadList, _ call: Call) async throws -> HTTPServerResponse {
        let query = try ReadQuery(list, call)
        let page = try await ask { session throws(PostgresError) in
            try snapshot(of: list.projection, query.sql, query.parameters, &session) { Self.written($0, query, $1) }
        }
        guard let page else { throw Self.notServing(list.projection) }
        var response = Self.answer(page.body, at: page.place, to: call)
        if let cursor = page.next, response.status == 200 {
            response.headers.append((name: "Torghut-Next-Cursor", value: cursor))
        }
        return response
    }

    /// Rows of a query of its own, written by `write`; nothing when the projection does not serve.
    func ask<Value: Sendable>(
        _ body: @escaping @Sendable (inout Session) throws(PostgresError) -> Value
    ) async throws -> Value {
        do { return try await pulse.during { try await pool.use(body) } } catch let error as PostgresError {
            // The tables, or the views over them, are not there yet.
            guard error.sqlState == "42P01" || error.sqlState == "42703" else { throw error }
            throw Problem(.notReady, "the read models have not been made yet; the role projections makes them")
        }
    }

    public static let position = "Torghut-Position"

    static func notServing(_ projection: String) -> Problem {
        Problem(.notReady, "no version of \(projection) serves yet")
    }

    private struct Page: Sendable {
        let body: [UInt8]
        let place: String
        let next: String?
    }

    /// What a query says, with the position that it reflects; nothing when no version of the projection serves.
    ///
    /// The query's last three columns are the place.
    func snapshot<Value>(
        of projection: String, _ sql: String, _ parameters: Parameters, _ session: inout Session,
        _ write: (Rows, String) -> Value
    ) throws(PostgresError) -> Value? {
        let rows = try session.query(keeping: sql, parameters).rows
        guard let place = Self.place(rows, projection) else { return nil }
        if let text = places[place] { return write(rows, text) }
        // Somebody commits meanwhile: rows and position have to be of one moment.
        try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        let again = try session.query(keeping: sql, parameters).rows
        let seen = Self.place(again, projection)
        let text = if let seen { try Self.vectors(of: seen, &session) } else { "" }
        try session.run("COMMIT")
        guard let seen else { return nil }
        places.keep(text, of: seen)
        return write(again, text)
    }

    static func vectors(of place: ReadPlace, _ session: inout Session) throws(PostgresError) -> String {
        var parameters = Parameters()
        parameters.append(place.projection)
        parameters.append(place.version)
        let rows = try session.query(
            keeping: """
                SELECT vector::text FROM projection_checkpoints WHERE projection = $1 AND version = $2
                """, parameters
        ).rows
        return place.text(vectors: (0..<rows.count).map { rows.text($0, 0) ?? "" })
    }

    static func place(_ rows: Rows, _ projection: String) -> ReadPlace? {
        guard rows.count > 0, let version = rows.integer(0, rows.columns - 3),
            let commits = rows.integer(0, rows.columns - 2), let epochs = rows.integer(0, rows.columns - 1)
        else { return nil }
        return ReadPlace(projection: projection, version: version, commits: commits, epochs: epochs)
    }

    private static func written(_ rows: Rows, _ query: ReadQuery, _ place: String) -> Page {
        let columns = query.list.columns
        let (at, tie) = (columns.count, columns.count + 1)
        // One row of nothing but the place is none.
        let count = rows.isNull(0, at) ? 0 : min(rows.count, Int(query.limit))
        var json = JSONWriter(reserving: count * 1_024)
        json.beginArray()
        for row in 0..<count {
            json.beginObject()
            for (index, column) in columns.enumerated() {
                json.key(column.name)
                column.write(rows, row, index, to: &json)
            }
            json.endObject()
        }
        json.endArray()
        var next: String?
        if rows.count > count, count > 0, let moment = rows.bytes(count - 1, at) {
            let micros = moment.bigEndian(at: 0, as: Int64.self) + RowText.epoch
            next = ReadCursor(micros: micros, tie: rows.text(count - 1, tie) ?? "").text
        }
        return Page(body: json.finish(), place: place, next: next)
    }

    /// The answer at a position; the same question at the same position has the same answer.
    static func answer(
        _ body: [UInt8], at place: String, of version: String? = nil, to call: Call
    ) -> HTTPServerResponse {
        let tag = EntityTag(of: Array(((version ?? place) + " " + call.request.target).utf8))
        let headers = [
            (name: position, value: place), (name: "ETag", value: tag.text),
            (name: "Cache-Control", value: "private, no-cache"),
        ]
        if tag.isKnown(to: call.request) { return HTTPServerResponse(status: 304, headers: headers) }
        var response = HTTPServerResponse.json(body)
        response.headers += headers
        return response
    }
}
