internal import Core
internal import Synchronization
internal import Threading

/// A few sessions for many callers: for reading and for small commands, not for the engine, which owns its session.
///
/// Sessions are opened when first needed. Whoever comes when all are taken waits in line; both the line and the wait
/// have a limit.
public final class SessionPool: Sendable {
    private struct State {
        var idle: [PooledSession] = []
        var made = 0
        var tickets = 0
        /// Who waits, oldest first.
        var line: [Int] = []
        var isClosed = false
    }

    public let maximumSessions: Int
    public let maximumWaiting: Int
    public let waitLimit: Duration
    private let settings: PostgresSettings
    private let state = Mutex(State())
    private let released = Arrivals()

    public init(
        _ settings: PostgresSettings, maximumSessions: Int = 4, maximumWaiting: Int = 64,
        waitLimit: Duration = .seconds(5)
    ) {
        precondition(maximumSessions > 0, "a pool without sessions serves nobody")
        self.settings = settings
        self.maximumSessions = maximumSessions
        self.maximumWaiting = maximumWaiting
        self.waitLimit = waitLimit
    }

    /// Lends a session to `body`, which runs on a thread of the session's and may block.
    ///
    /// What `body` leaves open is rolled back. A session that died is replaced for the next caller, so an error that
    /// says `needsNewSession` may be tried again here.
    public func use<Value: Sendable>(
        _ body: @Sendable (inout Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let lent = try await acquire()
        let outcome = await lent.use(settings, body)
        release(lent)
        return try outcome.get()
    }

    /// Ends the sessions that are idle now, and the others when they come back.
    public func close() {
        state.withLock { state in
            state.isClosed = true
            state.idle = []
        }
        released.wake()
    }

    private func acquire() async throws(PostgresError) -> PooledSession {
        let deadline = ContinuousClock.now + waitLimit
        let ticket = try enter()
        while true {
            let seen = released.count
            let (session, isClosed) = state.withLock { state in (take(ticket, &state), state.isClosed) }
            if let session { return session }
            guard !isClosed, !Task.isCancelled, ContinuousClock.now < deadline else {
                state.withLock { state in state.line.removeAll { $0 == ticket } }
                // Whoever stood behind may be first now.
                released.wake()
                throw refusal(isClosed)
            }
            await released.wait(after: seen, until: deadline)
        }
    }

    private func enter() throws(PostgresError) -> Int {
        let (ticket, waiting) = state.withLock { state in
            let free = state.idle.count + maximumSessions - state.made
            guard state.line.count < maximumWaiting + max(0, free) else { return (-1, state.line.count) }
            state.tickets += 1
            state.line.append(state.tickets)
            return (state.tickets, state.line.count)
        }
        guard ticket >= 0 else {
            throw PostgresError(
                .wait, .limitExceeded(name: "maximumWaiting", allowed: maximumWaiting, actual: waiting + 1),
                "all \(maximumSessions) sessions are taken, and \(waiting) callers wait for one (maximumWaiting)")
        }
        return ticket
    }

    private func take(_ ticket: Int, _ state: inout State) -> PooledSession? {
        guard !state.isClosed, state.line.first == ticket else { return nil }
        if let session = state.idle.popLast() {
            state.line.removeFirst()
            return session
        }
        guard state.made < maximumSessions else { return nil }
        state.line.removeFirst()
        state.made += 1
        return PooledSession(number: state.made)
    }

    private func refusal(_ isClosed: Bool) -> PostgresError {
        if isClosed { return PostgresError(.wait, .closed, "the pool is closed") }
        if Task.isCancelled { return PostgresError(.wait, .closed, "the task was cancelled while it waited") }
        return PostgresError(
            .wait, .noAnswer(within: waitLimit),
            "no session came free within \(waitLimit.milliseconds) ms (waitLimit), all \(maximumSessions) are taken")
    }

    private func release(_ session: PooledSession) {
        state.withLock { state in
            if !state.isClosed { state.idle.append(session) }
        }
        released.wake()
    }
}

/// One session of a pool, on a thread of its own because it blocks.
private actor PooledSession {
    private let executor: BlockingExecutor
    private var session: Session?

    init(number: Int) { executor = BlockingExecutor("postgres-\(number)") }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func use<Value: Sendable>(
        _ settings: PostgresSettings, _ body: @Sendable (inout Session) throws(PostgresError) -> Value
    ) -> Result<Value, PostgresError> {
        var own: Session
        do throws(PostgresError) { own = try opened(settings) } catch { return .failure(error) }
        var outcome: Result<Value, PostgresError>
        do throws(PostgresError) {
            outcome = .success(try body(&own))
            if own.isOpen, own.isInTransaction { try own.run("ROLLBACK") }
        } catch {
            outcome = .failure(error)
            if own.isOpen, own.isInTransaction { own.undo() }
        }
        if own.isIdle { session = consume own }
        return outcome
    }

    /// The session of the last time, unless it has died since.
    private func opened(_ settings: PostgresSettings) throws(PostgresError) -> Session {
        if var kept = session.take(), kept.isStillThere() { return kept }
        return try Session(settings)
    }
}

extension Session {
    /// Looks whether the server has ended this idle session, without a round trip.
    mutating func isStillThere() -> Bool {
        takeIn()
        return isIdle
    }

    /// After a failure; one that also fails to roll back is not kept.
    mutating func undo() {
        do throws(PostgresError) { try run("ROLLBACK") } catch { isAbandoned = true }
    }
}
