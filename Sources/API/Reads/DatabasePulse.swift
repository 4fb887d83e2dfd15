internal import Postgres
internal import Synchronization

/// Notices within two seconds that the database does not answer, whoever else waits for it and however long.
///
/// A question may take its time as long as the database lives; one that hangs is told from one that is slow by asking
/// it something short beside it. One pulse serves all questions, and beats only while one of them takes long.
final class DatabasePulse: Sendable {
    /// Before it is asked beside, and what that may take.
    static let patience: Duration = .milliseconds(850)

    private struct State {
        var next = 0
        /// Who waits, since when, and how to end that.
        var waits: [Int: (since: ContinuousClock.Instant, fail: @Sendable (any Error) -> Void)] = [:]
        var isBeating = false
    }

    private let pool: SessionPool
    private let state = Mutex(State())

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
        let answer = PulsedAnswer<Value>()
        let number = enter { answer.give(.failure($0)) }
        let work = Task {
            do { answer.give(.success(try await body())) } catch { answer.give(.failure(error)) }
        }
        defer {
            leave(number)
            work.cancel()
        }
        return try await withTaskCancellationHandler {
            try await answer.value()
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }

    private func enter(_ fail: @escaping @Sendable (any Error) -> Void) -> Int {
        let (number, isFirst) = state.withLock { state in
            state.next += 1
            state.waits[state.next] = (ContinuousClock.now, fail)
            defer { state.isBeating = true }
            return (state.next, !state.isBeating)
        }
        if isFirst { Task { await beat() } }
        return number
    }

    private func leave(_ number: Int) { state.withLock { state in _ = state.waits.removeValue(forKey: number) } }

    private func beat() async {
        while true {
            // Nobody cancels this task.
            _ = try? await Task.sleep(for: Self.patience / 2)
            let asked = ContinuousClock.now
            let (rests, isLong) = state.withLock { state in
                state.isBeating = !state.waits.isEmpty
                return (state.waits.isEmpty, state.waits.values.contains { asked - $0.since >= Self.patience / 2 })
            }
            if rests { return }
            guard isLong else { continue }
            do throws(PostgresError) {
                _ = try await pool.use { session throws(PostgresError) in try session.run("SELECT 1") }
            } catch {
                let silent = state.withLock { state in state.waits.values.filter { $0.since < asked } }
                for wait in silent { wait.fail(error) }
            }
        }
    }
}

/// What comes first of an answer and of what ends the wait for it; the rest is dropped.
private final class PulsedAnswer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value, any Error>)
        case given(Result<Value, any Error>)
        case over
    }

    private let state = Mutex(State.open)

    func give(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .open: state = .given(result)
            case .waiting(let continuation):
                state = .over
                return continuation
            case .given, .over: break
            }
            return nil
        }
        waiting?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let known = state.withLock { state -> Result<Value, any Error>? in
                if case .given(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
    }
}
