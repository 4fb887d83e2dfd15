internal import Postgres

/// Naming the rows that differ: `seen_…` holds what the tables had, the tables that hide them what the log says.
extension OpenSession {
    func keepSeen(_ standing: StandingProjection, _ partitions: [Int32]) throws(PostgresError) {
        let list = partitions.map(String.init).joined(separator: ", ")
        let sql = Self.definitions(standing).map { table in
            """
            CREATE TEMP TABLE seen_\(table.physical) AS SELECT \(WriteStatements.columns(table))
            FROM \(table.physical) WHERE log_partition IN (\(list))
            """
        }
        try session.run(sql.joined(separator: ";\n"))
    }

    /// From here on this session writes into tables of its own, which end with it.
    func hideTables(of standing: StandingProjection) throws(PostgresError) {
        var sql = Self.definitions(standing).map(\.createShadow)
        sql += ["projection_checkpoints", "projection_roots"].map {
            "CREATE TEMP TABLE \($0) (LIKE \($0) INCLUDING ALL)"
        }
        try session.run(sql.joined(separator: ";\n"))
    }

    /// The first few differences in the order of tables and keys, and how many there are; fetched in pieces.
    func differences(
        _ standing: StandingProjection, limit: Int
    ) throws(PostgresError) -> ([Verification.Finding], Int) {
        var findings: [Verification.Finding] = []
        var count = 0
        for table in Self.definitions(standing).sorted(by: { $0.physical < $1.physical }) {
            try session.run("BEGIN; DECLARE differing NO SCROLL CURSOR FOR \(Self.comparison(of: table))")
            while true {
                let rows = try session.run("FETCH \(Self.comparedRows) FROM differing")[0].rows
                count += rows.count
                for row in 0..<rows.count where findings.count < limit {
                    findings.append(Self.finding(rows, row, table))
                }
                if rows.count < Self.comparedRows { break }
            }
            try session.run("COMMIT")
        }
        return (findings, count)
    }

    /// Differing rows that are fetched at a time.
    static let comparedRows = 1_000

    /// Columns: kind, partition, each key column as text, and for each column whether it differs.
    private static func comparison(of table: TableDefinition) -> String {
        let key = table.keyColumns
        let matched = key.map { "seen.\($0) = told.\($0)" }.joined(separator: " AND ")
        let names = table.shape.allColumns.map(\.name)
        let differs = names.map { "(seen.\($0)::text IS DISTINCT FROM told.\($0)::text)" }
        let keys = key.map { "coalesce(told.\($0)::text, seen.\($0)::text)" }
        let order = (2..<(3 + key.count)).map(String.init).joined(separator: ", ")
        return """
            SELECT CASE WHEN told.log_partition IS NULL THEN 'surplus' WHEN seen.log_partition IS NULL THEN 'missing'
                    ELSE 'edited' END,
                coalesce(told.log_partition, seen.log_partition), \(keys.joined(separator: ", ")),
                \(differs.joined(separator: ", "))
            FROM seen_\(table.physical) AS seen FULL JOIN \(table.physical) AS told ON \(matched)
            WHERE \(differs.joined(separator: " OR ")) ORDER BY \(order)
            """
    }

    private static func finding(_ rows: Rows, _ row: Int, _ table: TableDefinition) -> Verification.Finding {
        let key = table.keyColumns
        let kind = Verification.Finding.Kind(rawValue: rows.text(row, 0) ?? "") ?? .edited
        let names = key.enumerated().map { "\($1)=\(rows.text(row, 2 + $0) ?? "")" }
        let differing = table.shape.allColumns.enumerated().filter { index, _ in
            rows.bool(row, 2 + key.count + index) ?? false
        }
        return Verification.Finding(
            table: table.physical, partition: Int32(rows.integer(row, 1) ?? 0), kind: kind,
            key: names.joined(separator: ", "), columns: kind == .edited ? differing.map(\.element.name) : [])
    }
}
