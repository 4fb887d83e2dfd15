internal import Digest
internal import Domain
internal import Postgres
internal import Threading

/// Brings the database's schema up to what this program knows, on a thread that may wait.
actor DatabaseSetup {
    private nonisolated let executor = BlockingExecutor("database.setup")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Names of the migrations that were applied.
    func migrate(_ database: PostgresSettings, from folder: String) throws(PostgresError) -> [String] {
        let migrations = try Migration.read(from: folder) { bytes in
            // Safe: the bytes are copied inside the call.
            unsafe bytes.withUnsafeBytes { unsafe ContentHash(digest: SHA256.hash(Array($0))).description }
        }
        var session = try Session(database)
        return try session.migrate(migrations)
    }
}
