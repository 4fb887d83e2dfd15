internal import Core
internal import Postgres
internal import Synchronization

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
        var conditions: [(text: String, place: Int)] = []
        // Which of them are given: one bit for each that could be.
        var given: UInt64 = 0
        func place(_ condition: String, _ bit: Int) {
            conditions.append((condition, parameters.count))
            given |= 1 << UInt64(bit)
        }
        for (bit, filter) in list.filters.enumerated() {
            guard let value = call.text(filter.parameter.name) else { continue }
            parameters.append(value)
            place(filter.condition, bit)
        }
        if let since = call.time("since") {
            parameters.append(since)
            place("row.\(list.time) >= $?", 61)
        }
        if let until = call.time("until") {
            parameters.append(until)
            place("row.\(list.time) < $?", 62)
        }
        if let text = call.text("cursor") {
            let cursor = try ReadCursor(text, list.tie)
            parameters.append(micros: cursor.micros)
            let moment = parameters.count
            parameters.append(cursor.tie)
            place("(row.\(list.time), \(list.tie.sql)) < ($\(moment), $?\(list.tie.cast))", 63)
        }
        limit = call.integer("limit") ?? ReadList.defaultLimit
        parameters.append(limit + 1)
        let last = parameters.count
        self.list = list
        self.parameters = parameters
        sql = list.texts.text(given) { Self.text(list, conditions, last) }
    }

    private static func text(_ list: ReadList, _ conditions: [(text: String, place: Int)], _ last: Int) -> String {
        let conditions = conditions.map { $0.text.replacing("$?", with: "$\($0.place)") }
        let chosen = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return """
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

/// The texts of one list's statements, by which conditions are given.
///
/// There are seventy columns in one: writing it anew would take longer than Postgres takes for a few rows.
final class ReadTexts: Sendable {
    private let texts = Mutex<[UInt64: String]>([:])

    func text(_ given: UInt64, making: () -> String) -> String {
        if let known = texts.withLock({ $0[given] }) { return known }
        let made = making()
        texts.withLock { $0[given] = made }
        return made
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
