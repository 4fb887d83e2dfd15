internal import Postgres

/// Notices within two seconds that the database does not answer, whoever else waits for it and however long.
///
/// A question may take its time as long as the database lives; one that hangs is told from one that is slow by asking
/// it something short beside it.
struct DatabasePulse: Sendable {
    /// Before it is asked beside, and what that may take.
    static let patience: Duration = .milliseconds(850)

    private let pool: SessionPool

    init(_ database: PostgresSettings) {
        var database = database
        database.applicationName = "torghut api pulse"
        database.connectTimeout = Self.patience
        database.statementTimeout = Self.patience
        database.answerTimeout = Self.patience
        pool = SessionPool(database, maximumSessions: 2, maximumWaiting: 4_096, waitLimit: Self.patience)
    }

    func close() { pool.close() }

    /// The answer of `body`; throws as soon as the database is silent.
    func during<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (stream, answers) = AsyncThrowingStream.makeStream(of: Value.self)
        let work = Task {
            do { answers.yield(try await body()) } catch { answers.finish(throwing: error) }
        }
        let pulse = Task {
            while true {
                // Cancelled: the answer came first.
                try await Task.sleep(for: Self.patience)
                do throws(PostgresError) {
                    _ = try await pool.use { session throws(PostgresError) in try session.run("SELECT 1") }
                } catch {
                    if !Task.isCancelled { answers.finish(throwing: error) }
                    return
                }
            }
        }
        defer {
            work.cancel()
            pulse.cancel()
        }
        for try await answer in stream { return answer }
        throw CancellationError()
    }
}
