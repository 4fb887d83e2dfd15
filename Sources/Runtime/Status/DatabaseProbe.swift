internal import Core
internal import Digest
internal import Domain
internal import Postgres
internal import Projections
internal import Threading

/// Asks the database how it is, with a connection of its own each time: what a newcomer meets.
actor DatabaseProbe {
    /// For each step: nobody waits for a database that hangs.
    static let patience: Duration = .milliseconds(1_500)

    private nonisolated let executor = BlockingExecutor("status.database")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let settings: PostgresSettings
    private let time: any TimeSource
    private let target: String
    private let migrations: Result<[Migration], PostgresError>

    /// `folder` holds the migrations this program knows; without one nobody can say what is missing.
    init(_ database: PostgresSettings, migrations folder: String?, _ time: any TimeSource) {
        var database = database
        database.applicationName = "torghut status"
        database.connectTimeout = Self.patience
        database.statementTimeout = Self.patience
        database.answerTimeout = Self.patience
        settings = database
        self.time = time
        do throws(PostgresError) { target = try database.target() } catch { target = "an address that cannot be read" }
        migrations = Result { () throws(PostgresError) in
            guard let folder else { throw PostgresError(.migrate, .setting, "the migrations' folder is not there") }
            return try Migration.read(from: folder) { bytes in
                // Safe: the bytes are copied inside the call.
                unsafe bytes.withUnsafeBytes { unsafe ContentHash(digest: SHA256.hash(Array($0))).description }
            }
        }
    }

    func look() -> DatabaseEvidence {
        var evidence = DatabaseEvidence(target: target, askedAt: time.now())
        do throws(PostgresError) { try ask(&evidence) } catch {
            evidence.fault = error.description
            evidence.seal = Self.seal(error)
        }
        return evidence
    }

    private func ask(_ evidence: inout DatabaseEvidence) throws(PostgresError) {
        var session = try Session(settings)
        evidence.seal = session.isEncrypted ? .verified : .off
        evidence.serverVersion = Int(session.serverVersion)
        let began = time.uptime()
        let isPrepared =
            try session.query(.sql("SELECT to_regclass('projection_versions') IS NOT NULL")).rows.bool(0, 0) ?? false
        evidence.latencyMicroseconds = Int64((time.uptime() - began) / .microseconds(1))
        evidence.answeredAt = time.now()
        try readModels(&session, isPrepared, &evidence)
        switch migrations {
        case .failure(let fault): evidence.migrationFault = fault.message
        case .success(let known):
            do throws(PostgresError) { evidence.missingMigrations = try session.pendingMigrations(of: known) } catch {
                guard session.isOpen else { throw error }
                evidence.migrationFault = error.message
            }
        }
    }

    private func readModels(
        _ session: inout Session, _ isPrepared: Bool, _ evidence: inout DatabaseEvidence
    ) throws(PostgresError) {
        var folds: [String: Int] = [:]
        if isPrepared {
            let rows = try session.query(
                .sql("SELECT projection, fold::bigint FROM projection_versions WHERE state = 'serving'")
            ).rows
            for row in 0..<rows.count { folds[rows.text(row, 0) ?? ""] = Int(rows.integer(row, 1) ?? 0) }
        }
        let names = ReadModels.all.map { ($0.name.text, $0.fold) }
        evidence.missingReadModels = names.filter { folds[$0.0] == nil }.map(\.0)
        evidence.outdatedReadModels = names.filter { name, fold in folds[name].map { $0 != fold } ?? false }.map(\.0)
    }

    private static func seal(_ error: PostgresError) -> DatabaseEvidence.Seal {
        switch error.reason {
        case .untrustedChain: .brokenChain
        case .otherHost: .otherHost
        case .noAuthorities: .noAuthorities
        case .noTLS: .notOffered
        case .server, .lost, .noAnswer, .unreachable, .setting, .limitExceeded, .closed: .unknown
        }
    }
}
