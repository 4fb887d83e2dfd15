internal import Postgres

/// What readers see, switched to a version: the tables' views first, then the views over them.
///
/// It goes both ways, to a version with more columns and back to one with fewer. A view keeps the columns it has, in
/// their order, and gets new ones at its end: Postgres replaces no other, and readers count on it. A column that the
/// version's tables do not have is null there.
extension OpenSession {
    /// Inside the transaction that switches.
    func show(_ projection: StandingProjection) throws(PostgresError) {
        for table in Self.definitions(projection) {
            try show(table, as: Self.viewName(of: table, projection), projection.type.views)
        }
        for case .query(let name, let sql) in projection.type.views { try show(sql, as: name) }
    }

    /// What must run before a table can be dropped whose view still reads it: readers keep their columns, without rows.
    ///
    /// So it is when readers were switched by a program that knew no such table.
    func emptyView(of table: TableDefinition, _ projection: StandingProjection) throws(PostgresError) -> [String] {
        let view = Self.viewName(of: table, projection)
        var parameters = Parameters()
        parameters.append(table.physical)
        parameters.append(view)
        let readers = try session.query(
            .sql(
                """
                SELECT 1 FROM pg_depend JOIN pg_rewrite ON pg_depend.classid = 'pg_rewrite'::regclass
                    AND pg_rewrite.oid = pg_depend.objid
                WHERE pg_depend.refclassid = 'pg_class'::regclass AND pg_depend.refobjid = to_regclass($1)
                    AND pg_rewrite.ev_class = to_regclass($2) LIMIT 1
                """), parameters
        ).rows
        guard readers.count > 0 else { return [] }
        let nulls = try columns(of: view).map { "NULL::\($0.type) AS \($0.name)" }.joined(separator: ", ")
        return ["CREATE OR REPLACE VIEW \(view) AS SELECT \(nulls) WHERE false"]
    }

    private struct Seen: Equatable {
        let name: String
        let type: String
    }

    /// The columns of a table or view, in order; none when there is no such relation.
    private func columns(of relation: String) throws(PostgresError) -> [Seen] {
        var parameters = Parameters()
        parameters.append(relation)
        let rows = try session.query(
            .sql(
                """
                SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
                WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
                """), parameters
        ).rows
        return (0..<rows.count).map { Seen(name: rows.text($0, 0) ?? "", type: rows.text($0, 1) ?? "") }
    }

    private func show(
        _ table: TableDefinition, as view: String, _ views: [ViewDefinition]
    ) throws(PostgresError) {
        let (seen, stored) = (try columns(of: view), try columns(of: table.physical))
        var shown: [(name: String, sql: String)] = table.shape.allColumns.map { ($0.name, $0.name) }
        for case .column(table.shape.name.name, let name, let sql) in views { shown.append((name, sql)) }
        // What this program does not know, and the version's table has all the same.
        for column in stored where !shown.contains(where: { $0.name == column.name }) {
            shown.append((column.name, column.name))
        }
        let sql = "SELECT \(Self.ordered(shown, like: seen)) FROM \(Self.base(of: table, stored))"
        try session.run("CREATE OR REPLACE VIEW \(view) AS \(sql)")
    }

    private func show(_ sql: String, as view: String) throws(PostgresError) {
        let seen = try columns(of: view)
        guard !seen.isEmpty else {
            try session.run("CREATE VIEW \(view) AS \(sql)")
            return
        }
        let told = try session.query(.sql("SELECT * FROM (\(sql)) AS told LIMIT 0")).rows
        let shown = (0..<told.columns).map { (name: told.name(of: $0), sql: told.name(of: $0)) }
        try session.run(
            "CREATE OR REPLACE VIEW \(view) AS SELECT \(Self.ordered(shown, like: seen)) FROM (\(sql)) AS told")
    }

    /// First as readers see them now, then what is new.
    private static func ordered(_ shown: [(name: String, sql: String)], like seen: [Seen]) -> String {
        let kept = seen.map { column in
            shown.first { $0.name == column.name } ?? (column.name, "NULL::\(column.type)")
        }
        let new = shown.filter { column in !seen.contains { $0.name == column.name } }
        return (kept + new).map { $0.sql == $0.name ? $0.name : "\($0.sql) AS \($0.name)" }.joined(separator: ", ")
    }

    /// The table; one of another fold gets what it lacks, so that expressions over its columns have a meaning.
    private static func base(of table: TableDefinition, _ stored: [Seen]) -> String {
        let missing = table.shape.allColumns.filter { column in !stored.contains { $0.name == column.name } }
        guard !missing.isEmpty else { return table.physical }
        let nulls = missing.map { "NULL::\($0.type.rawValue) AS \($0.name)" }.joined(separator: ", ")
        guard !stored.isEmpty else { return "(SELECT \(nulls) WHERE false) AS \(table.physical)" }
        return "(SELECT *, \(nulls) FROM \(table.physical)) AS \(table.physical)"
    }
}
