/// Statements that a session plans once and runs often.
extension Session {
    /// More are not kept: the oldest plans go all at once.
    public static let maximumKept = 64

    /// Runs a statement as `query` does, planned the first time this session meets it.
    ///
    /// A view that was switched to other columns makes the plan useless: then it is planned anew, once.
    public mutating func query(
        keeping sql: String, _ parameters: Parameters = Parameters()
    ) throws(PostgresError) -> StatementResult {
        do throws(PostgresError) { return try query(.prepared(try keep(sql, parameters)), parameters) } catch {
            let isStale = error.sqlState == "0A000" || error.sqlState == "26000"
            guard isStale, !isInTransaction, isOpen else { throw error }
            try forget()
            return try query(.prepared(try keep(sql, parameters)), parameters)
        }
    }

    private mutating func keep(_ sql: String, _ parameters: Parameters) throws(PostgresError) -> String {
        if let name = kept[sql] { return name }
        if kept.count >= Self.maximumKept { try forget() }
        let name = "kept_\(kept.count)"
        try prepare(name, sql, types: parameters.types)
        kept[sql] = name
        return name
    }

    private mutating func forget() throws(PostgresError) {
        try run("DEALLOCATE ALL")
        kept = [:]
    }
}
