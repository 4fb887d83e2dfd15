import Dispatch
import Postgres
import TestSupport

/// A server that may be stopped, killed and given certificates; the shared one stays as it is.
enum Spare {
    private static let one = Result { try PrivatePostgres() }
    static func server() throws -> PrivatePostgres { try one.get() }
}

/// Runs what blocks on a thread of its own, beside the test.
func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "aside").async { continuation.resume(with: Result { try body() }) }
    }
}

/// The error of something that must fail.
func fault(_ body: () throws -> Void) -> PostgresError? {
    do { try body() } catch { return error as? PostgresError }
    return nil
}

extension PrivateDatabase {
    /// Waits until the database shows that a condition holds, by asking it anew each time.
    func await(_ condition: String) throws {
        var session = try session()
        try session.run(
            "DO $$ BEGIN WHILE NOT (\(condition)) LOOP PERFORM pg_sleep(0.005), pg_stat_clear_snapshot(); END LOOP; END $$"
        )
    }
}
