internal import Postgres

/// Naming the rows that differ: `seen_…` holds what the tables had, `told_…` what the log says.
extension OpenSession {
    func keepSeen(_ standing: StandingProjection, _ partitions: [Int32]) throws(PostgresError) {
        let list = partitions.map(String.init).joined(separator: ", ")
        let sql = Self.definitions(standing).flatMap { table in
            let columns = table.shape.allColumns.map { "\($0.name) \($0.type.rawValue)" }.joined(separator: ", ")
            return [
                "CREATE TEMP TABLE seen_\(table.physical) (\(columns))",
                """
                INSERT INTO seen_\(table.physical) SELECT \(WriteStatements.columns(table)) FROM \(table.physical)
                WHERE log_partition IN (\(list))
                """,
                "CREATE TEMP TABLE told_\(table.physical) (\(columns))",
            ]
        }
        try session.run(sql.joined(separator: ";\n"))
    }

    /// The first few differences, and how many there are.
    func differences(
        _ standing: StandingProjection, limit: Int
    ) throws(PostgresError) -> ([Verification.Finding], Int) {
        var findings: [Verification.Finding] = []
        var count = 0
        for table in Self.definitions(standing) {
            let rows = try session.query(.sql(Self.comparison(of: table))).rows
            count += rows.count
            for row in 0..<rows.count where findings.count < limit {
                findings.append(Self.finding(rows, row, table))
            }
        }
        return (findings.sorted { ($0.table, $0.partition, $0.key) < ($1.table, $1.partition, $1.key) }, count)
    }

    /// Columns: kind, partition, each key column as text, and for each column whether it differs.
    private static func comparison(of table: TableDefinition) -> String {
        let key = table.keyColumns
        let matched = key.map { "seen.\($0) = told.\($0)" }.joined(separator: " AND ")
        let names = table.shape.allColumns.map(\.name)
        let differs = names.map { "(seen.\($0)::text IS DISTINCT FROM told.\($0)::text)" }
        let keys = key.map { "coalesce(told.\($0)::text, seen.\($0)::text)" }
        return """
            SELECT CASE WHEN told.log_partition IS NULL THEN 'surplus' WHEN seen.log_partition IS NULL THEN 'missing'
                    ELSE 'edited' END,
                coalesce(told.log_partition, seen.log_partition), \(keys.joined(separator: ", ")),
                \(differs.joined(separator: ", "))
            FROM seen_\(table.physical) AS seen FULL JOIN told_\(table.physical) AS told ON \(matched)
            WHERE \(differs.joined(separator: " OR "))
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
