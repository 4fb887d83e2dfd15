internal import Postgres

/// Which versions stand, and making, showing and removing them.
extension OpenSession {
    func versions() throws(PostgresError) -> [StandingVersion] {
        let rows = try session.query(
            .sql("SELECT projection, version, fold, state FROM projection_versions ORDER BY 1, 2")
        ).rows
        return (0..<rows.count).compactMap { row in
            guard let state = StandingVersion.State(rawValue: rows.text(row, 3) ?? "") else { return nil }
            return StandingVersion(
                projection: rows.text(row, 0) ?? "", version: Int(rows.integer(row, 1) ?? 0),
                fold: Int(rows.integer(row, 2) ?? 0), state: state)
        }
    }

    /// Makes the tables of a version; keys come last in a rebuild, and at once otherwise.
    func create(_ projection: StandingProjection, as state: StandingVersion.State, withKeys: Bool) throws(PostgresError)
    {
        let type = projection.type
        var sql = try removal(of: projection)
        sql += Self.definitions(projection).flatMap { table in
            [table.create] + table.comments + (withKeys ? table.keys : [])
        }
        sql.append(
            """
            INSERT INTO projection_versions (projection, version, fold, state)
            VALUES ('\(type.name)', \(projection.version), \(type.fold), '\(state.rawValue)')
            """)
        guard state == .serving else {
            try session.run(sql.joined(separator: ";\n"))
            return
        }
        // Views look at what is there: whoever fails in between leaves nothing, because the transaction goes with it.
        try session.run("BEGIN; " + sql.joined(separator: ";\n"))
        try show(projection)
        try session.run("COMMIT")
    }

    /// Removes a version and every trace of it.
    func drop(_ projection: StandingProjection) throws(PostgresError) {
        let here = "projection = '\(projection.type.name)' AND version = \(projection.version)"
        var sql = try removal(of: projection)
        sql += ["projection_versions", "projection_checkpoints", "projection_roots"].map { table in
            "DELETE FROM \(table) WHERE \(here)"
        }
        try session.run(sql.joined(separator: ";\n"))
    }

    /// Tables of a version, in this program's eyes: an older one that dropped it left those it did not know.
    private func removal(of projection: StandingProjection) throws(PostgresError) -> [String] {
        var sql: [String] = []
        for table in Self.definitions(projection) {
            sql += try emptyView(of: table, projection)
            sql.append(table.drop)
        }
        return sql
    }

    static func definitions(_ projection: StandingProjection) -> [TableDefinition] {
        projection.type.shapes.map { TableDefinition($0, of: projection.type.name.text, version: projection.version) }
    }

    /// Every projection has a table of parked records, so that one's view bears the projection's name.
    static func viewName(of table: TableDefinition, _ projection: StandingProjection) -> String {
        table.shape.name == ParkedRow.table ? "\(projection.type.name)_parked" : table.shape.name.name
    }

    /// The names that readers use.
    static func viewNames(of projection: StandingProjection) -> [String] {
        definitions(projection).map { viewName(of: $0, projection) }
            + projection.type.views.compactMap { view in
                guard case .query(let name, _) = view else { return nil }
                return name
            }
    }
}

extension Projection {
    /// The shapes of its tables, parked records last.
    static var shapes: [TableShape] {
        var tables = Tables(TableMaker(partition: 0, isWhole: true))
        var listing = ShapeListing()
        tables.visit(&listing)
        return listing.shapes + [TableShape(of: ParkedRow.self)]
    }
}
