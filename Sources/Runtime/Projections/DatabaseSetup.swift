internal import Digest
internal import Domain
public import Postgres
internal import Threading

/// The database's schema, brought up before anything that needs it is started.
public enum Migrations {
    /// What a look at the database came to, by the migrations' names.
    public struct Outcome: Sendable {
        public let applied: [String]
        /// What a later program applied before: this one is older than its database.
        public let later: [String]
    }

    /// Applies what is missing; several processes may do so at once.
    public static func apply(_ settings: Settings, to database: PostgresSettings) async throws -> Outcome {
        try await DatabaseSetup().migrate(
            database, from: settings.installedFiles.path(of: InstalledFiles.migrations))
    }
}

/// Brings the database's schema up to what this program knows, on a thread that may wait.
actor DatabaseSetup {
    private nonisolated let executor = BlockingExecutor("database.setup")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func migrate(_ database: PostgresSettings, from folder: String) throws(PostgresError) -> Migrations.Outcome {
        let migrations = try Migration.read(from: folder) { bytes in
            // Safe: the bytes are copied inside the call.
            unsafe bytes.withUnsafeBytes { unsafe ContentHash(digest: SHA256.hash(Array($0))).description }
        }
        var session = try Session(database)
        let applied = try session.migrate(migrations)
        return Migrations.Outcome(applied: applied, later: try session.laterMigrations(than: migrations))
    }
}
