import Postgres
import Threading

@testable import Projections

/// Somebody else's session, on a thread of its own, so that it may be kept waiting.
actor Stranger {
    private nonisolated let executor = BlockingExecutor("stranger")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let open: OpenSession

    init(_ settings: PostgresSettings) throws {
        var patient = settings
        (patient.lockTimeout, patient.statementTimeout) = (.zero, .zero)
        open = try OpenSession(patient)
    }

    func run(_ sql: String) throws(PostgresError) { try open.session.run(sql) }
}
