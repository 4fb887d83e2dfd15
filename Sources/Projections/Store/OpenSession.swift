internal import Postgres

/// A session with what it was taught: prepared statements and staging tables, which die with it.
final class OpenSession {
    var session: Session
    private var prepared: [String: String] = [:]
    private var staged: Set<String> = []
    /// Round trips that taught it something.
    private var teachingWaits = 0
    /// Round trips for anything else.
    var waits: Int { session.waits - teachingWaits }

    init(_ settings: PostgresSettings) throws(PostgresError) { session = try Session(settings) }

    /// For looking rows up by their keys, however large or small their tables are when the plan is made.
    ///
    /// A plan is kept: one made for an empty table would read the whole of it for ever.
    static func lookingUp(_ settings: PostgresSettings) throws(PostgresError) -> OpenSession {
        let open = try OpenSession(settings)
        try open.lookUpByKeys()
        return open
    }

    /// From here on it plans for few rows of large tables.
    ///
    /// What has no other way than to read the whole of a table is then thought to be dear, and would be compiled.
    func lookUpByKeys() throws(PostgresError) {
        try session.run(
            "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off")
    }

    /// From here on it plans as the server's settings say.
    func planFreely() throws(PostgresError) {
        try session.run("RESET enable_seqscan; RESET enable_hashjoin; RESET enable_mergejoin; RESET jit")
    }

    /// A statement planned once.
    func plan(_ sql: String) throws(PostgresError) -> Statement {
        if let name = prepared[sql] { return .prepared(name) }
        let name = "s\(prepared.count)"
        try teach { session throws(PostgresError) in try session.prepare(name, sql) }
        prepared[sql] = name
        return .prepared(name)
    }

    /// A table that only this session sees, and that is empty again after each transaction.
    func stage(_ shape: TableShape, for physical: String) throws(PostgresError) -> String {
        let name = "stage_\(physical)"
        guard !staged.contains(name) else { return name }
        let columns = shape.allColumns.map { "\($0.name) \($0.type.rawValue)" }.joined(separator: ", ")
        try teach { session throws(PostgresError) in
            try session.run("CREATE TEMP TABLE \(name) (\(columns)) ON COMMIT DELETE ROWS")
        }
        staged.insert(name)
        return name
    }

    private func teach(_ lesson: (inout Session) throws(PostgresError) -> Void) throws(PostgresError) {
        let before = session.waits
        defer { teachingWaits += session.waits - before }
        try lesson(&session)
    }
}
