/// Bringing a database's schema up to what this program knows.
extension Session {
    /// Held while migrating, so that of two processes one waits: the ASCII of `torghut`.
    static var migrationLock: Int64 { 0x746F_7267_6875_74 }

    /// Applies what is missing, each migration in a transaction with its record; returns the names of those applied.
    ///
    /// Refuses, and changes nothing, when an applied migration differs from its file. What a later program applied
    /// behind ours is left as it is: migrations only add, and a release that is taken back goes on (decision 0017).
    @discardableResult
    public mutating func migrate(_ migrations: [Migration]) throws(PostgresError) -> [String] {
        try lockForMigrating()
        var fault: PostgresError?
        var applied: [String] = []
        do throws(PostgresError) {
            for migration in try missing(of: migrations) {
                try apply(migration)
                applied.append(migration.name)
            }
        } catch { fault = error }
        // A session that is gone has lost its lock too.
        if isOpen { try run("SELECT pg_advisory_unlock(\(Self.migrationLock))") }
        if let fault { throw fault }
        return applied
    }

    /// Names of what `migrate` would apply.
    public mutating func pendingMigrations(of migrations: [Migration]) throws(PostgresError) -> [String] {
        try missing(of: migrations).map(\.name)
    }

    /// Names of what a later program than this one applied.
    public mutating func laterMigrations(than migrations: [Migration]) throws(PostgresError) -> [String] {
        guard try missing(of: migrations).isEmpty else { return [] }
        let names = try query(.sql("SELECT name FROM torghut_migrations ORDER BY number")).rows
        return (0..<names.count).dropFirst(migrations.count).map { names.text($0, 0) ?? "" }
    }

    private mutating func lockForMigrating() throws(PostgresError) {
        do throws(PostgresError) { try run("SELECT pg_advisory_lock(\(Self.migrationLock))") } catch {
            // An advisory lock of one bigint is kept as two halves.
            throw try naming(
                "another process migrates", error,
                holders: "locktype = 'advisory' AND objsubid = 1 "
                    + "AND (classid::bigint << 32 | objid::bigint) = \(Self.migrationLock)")
        }
    }

    /// To an error of waiting too long adds who holds the lock.
    private mutating func naming(
        _ what: String, _ error: PostgresError, holders condition: String
    ) throws(PostgresError) -> PostgresError {
        guard error.sqlState == "55P03", isOpen else { return error }
        let rows = try query(
            .sql(
                """
                SELECT DISTINCT format('pid %s (%s, %s, since %s)', a.pid, coalesce(nullif(a.application_name, ''), '?'),
                    a.state, to_char(a.state_change, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.granted AND l.pid <> pg_backend_pid()
                    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND \(condition)
                ORDER BY 1 LIMIT 5
                """)
        ).rows
        let holders = (0..<rows.count).compactMap { rows.text($0, 0) }
        var named = PostgresError(
            .migrate, error.reason, sqlState: error.sqlState, "\(what): \(error.message)", place: error.place)
        if !holders.isEmpty { named.place.append("held by " + holders.joined(separator: " and ")) }
        return named
    }

    private mutating func missing(of migrations: [Migration]) throws(PostgresError) -> ArraySlice<Migration> {
        let isNew = try query(.sql("SELECT to_regclass('torghut_migrations') IS NULL")).rows.bool(0, 0) ?? true
        if isNew { return migrations[...] }
        let rows = try query(.sql("SELECT number, name, sha256 FROM torghut_migrations ORDER BY number")).rows
        for (row, file) in zip(0..<rows.count, migrations) {
            let name = rows.text(row, 1) ?? ""
            guard rows.integer(row, 0) == Int64(file.number), name == file.name else {
                throw Migration.refusal(
                    "migration \(row + 1) was applied as \(name) and is \(file.name) now: "
                        + "what was applied is never renamed, renumbered or taken out")
            }
            let checksum = rows.text(row, 2) ?? ""
            guard checksum == file.checksum else {
                throw Migration.refusal(
                    "\(name) was changed after it was applied: applied \(checksum), now \(file.checksum); "
                        + "put it back and write a new migration")
            }
        }
        return migrations.dropFirst(rows.count)
    }

    private mutating func apply(_ migration: Migration) throws(PostgresError) {
        do throws(PostgresError) {
            try run(
                """
                BEGIN; CREATE TABLE IF NOT EXISTS torghut_migrations (
                    number int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL)
                """)
            try run(migration.sql)
            guard isInTransaction else {
                throw Migration.refusal("\(migration.name) ends its transaction itself; take its COMMIT out")
            }
            var parameters = Parameters()
            parameters.append(Int32(migration.number))
            parameters.append(migration.name)
            parameters.append(migration.checksum)
            _ = try query(.sql("INSERT INTO torghut_migrations VALUES ($1, $2, $3, now())"), parameters)
            try run("COMMIT")
        } catch {
            if isOpen, isInTransaction { try run("ROLLBACK") }
            let named = try naming(
                migration.name, error, holders: "l.locktype = 'relation' AND l.relation >= 16384")
            throw PostgresError(
                .migrate, named.reason, sqlState: named.sqlState,
                named.message.hasPrefix(migration.name) ? named.message : "\(migration.name): \(named.message)",
                place: named.place)
        }
    }
}
