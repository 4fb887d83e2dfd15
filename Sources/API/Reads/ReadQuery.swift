internal import Core
internal import Postgres

/// One page of a list as SQL: its text depends on which filters are given and never on their values, so that the same
/// few statements are planned once.
struct ReadQuery: Sendable {
    let list: ReadList
    let sql: String
    let parameters: Parameters
    let limit: Int64

    /// Behind the list's own columns: moment and tie for the cursor, then the place.
    static let extraColumns = 5

    init(_ list: ReadList, _ call: Call) throws(Problem) {
        var parameters = Parameters()
        var conditions: [String] = []
        func place(_ condition: String) {
            conditions.append(condition.replacing("$?", with: "$\(parameters.count)"))
        }
        for filter in list.filters {
            guard let value = call.text(filter.parameter.name) else { continue }
            parameters.append(value)
            place(filter.condition)
        }
        if let since = call.time("since") {
            parameters.append(since)
            place("row.\(list.time) >= $?")
        }
        if let until = call.time("until") {
            parameters.append(until)
            place("row.\(list.time) < $?")
        }
        if let text = call.text("cursor") {
            let cursor = try ReadCursor(text, list.tie)
            parameters.append(micros: cursor.micros)
            let moment = parameters.count
            parameters.append(cursor.tie)
            place("(row.\(list.time), \(list.tie.sql)) < ($\(moment), $?\(list.tie.cast))")
        }
        limit = call.integer("limit") ?? ReadList.defaultLimit
        parameters.append(limit + 1)
        let last = parameters.count
        let chosen = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        self.list = list
        self.parameters = parameters
        sql = """
            SELECT \(list.columns.map { "found.\($0.name)" }.joined(separator: ", ")), found.cursor_at, found.cursor_tie,
                place.version, place.commits, place.epochs
            FROM (\(ReadPlace.standing(list.projection))) AS place LEFT JOIN (
                SELECT \(list.columns.map(\.selected).joined(separator: ", ")),
                    row.\(list.time) AS cursor_at, (\(list.tie.sql))::text AS cursor_tie
                FROM \(list.view) AS row \(list.joins) \(chosen)
                ORDER BY row.\(list.time) DESC, \(list.tie.sql) DESC LIMIT $\(last)
            ) AS found ON true
            ORDER BY found.cursor_at DESC, \(list.tie.sorted) DESC
            """
    }
}

extension ReadList.Tie {
    /// As the outer query has it.
    fileprivate var sorted: String {
        switch self {
        case .uuid: "found.cursor_tie::uuid"
        case .text: "found.cursor_tie COLLATE \"C\""
        }
    }
}
