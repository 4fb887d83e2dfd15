internal import Core
internal import Synchronization
internal import Threading

/// A few sessions for many callers: for reading and for small commands, not for the engine, which owns its session.
///
/// Sessions are opened when first needed. Whoever comes when all are taken waits in line, and a session that comes back
/// goes to the first of them alone; both the line and the wait have a limit.
public final class SessionPool: Sendable {
    private enum Grant {
        case session(PooledSession)
        case refused(PostgresError)
    }

    private struct Waiter {
        let ticket: Int
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Grant, Never>
    }

    private struct State {
        var idle: [PooledSession] = []
        var made = 0
        var tickets = 0
        /// Who waits, oldest first: with one limit for all, the first is also the first whose time is over.
        var line: [Waiter] = []
        /// Waits that were cancelled before they began.
        var abandoned: Set<Int> = []
        var isWatched = false
        var isClosed = false
    }

    public let maximumSessions: Int
    public let maximumWaiting: Int
    public let waitLimit: Duration
    private let settings: PostgresSettings
    private let state = Mutex(State())

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
        let line = state.withLock { state in
            state.isClosed = true
            state.idle = []
            defer { state.line = [] }
            return state.line
        }
        for waiter in line { waiter.continuation.resume(returning: .refused(Self.closed)) }
    }

    private func acquire() async throws(PostgresError) -> PooledSession {
        let (free, ticket) = state.withLock { state in
            state.tickets += 1
            return (take(&state), state.tickets)
        }
        let grant: Grant
        if let free { grant = .session(free) } else { grant = await stand(in: ticket) }
        switch grant {
        case .session(let session): return session
        case .refused(let error): throw error
        }
    }

    /// A session that nobody has; nobody overtakes those who wait.
    private func take(_ state: inout State) -> PooledSession? {
        guard !state.isClosed, state.line.isEmpty else { return nil }
        if let session = state.idle.popLast() { return session }
        guard state.made < maximumSessions else { return nil }
        state.made += 1
        return PooledSession(number: state.made)
    }

    private func stand(in ticket: Int) async -> Grant {
        let grant = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (grant, isFirst) = state.withLock { state in queue(continuation, ticket, &state) }
                if let grant { continuation.resume(returning: grant) }
                if isFirst { Task { await self.watch() } }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.line.firstIndex(where: { $0.ticket == ticket }) else {
                    state.abandoned.insert(ticket)
                    return nil
                }
                return state.line.remove(at: index)
            }
            waiter?.continuation.resume(returning: .refused(Self.cancelled))
        }
        _ = state.withLock { $0.abandoned.remove(ticket) }
        return grant
    }

    /// What is known at once, nothing when it has to wait; and whether somebody must look at the clock from now on.
    private func queue(
        _ continuation: CheckedContinuation<Grant, Never>, _ ticket: Int, _ state: inout State
    ) -> (Grant?, Bool) {
        if state.isClosed { return (.refused(Self.closed), false) }
        if state.abandoned.contains(ticket) { return (.refused(Self.cancelled), false) }
        if let session = take(&state) { return (.session(session), false) }
        guard state.line.count < maximumWaiting else { return (.refused(full(state.line.count)), false) }
        state.line.append(
            Waiter(ticket: ticket, deadline: ContinuousClock.now + waitLimit, continuation: continuation))
        defer { state.isWatched = true }
        return (nil, !state.isWatched)
    }

    /// Sends away whose time is over, for as long as anybody waits.
    private func watch() async {
        while true {
            let (late, next) = state.withLock { state -> ([Waiter], ContinuousClock.Instant?) in
                let now = ContinuousClock.now
                let late = state.line.prefix { $0.deadline <= now }
                state.line.removeFirst(late.count)
                if state.line.isEmpty { state.isWatched = false }
                return (Array(late), state.line.first?.deadline)
            }
            for waiter in late { waiter.continuation.resume(returning: .refused(tooLate)) }
            guard let next else { return }
            // Nobody cancels this task.
            _ = try? await Task.sleep(until: next)
        }
    }

    private static var closed: PostgresError { PostgresError(.wait, .closed, "the pool is closed") }

    private static var cancelled: PostgresError {
        PostgresError(.wait, .closed, "the task was cancelled while it waited")
    }

    private var tooLate: PostgresError {
        PostgresError(
            .wait, .noAnswer(within: waitLimit),
            "no session came free within \(waitLimit.milliseconds) ms (waitLimit), all \(maximumSessions) are taken")
    }

    private func full(_ waiting: Int) -> PostgresError {
        PostgresError(
            .wait, .limitExceeded(name: "maximumWaiting", allowed: maximumWaiting, actual: waiting + 1),
            "all \(maximumSessions) sessions are taken, and \(waiting) callers wait for one (maximumWaiting)")
    }

    private func release(_ session: PooledSession) {
        let first = state.withLock { state -> Waiter? in
            guard !state.isClosed else { return nil }
            guard !state.line.isEmpty else {
                state.idle.append(session)
                return nil
            }
            return state.line.removeFirst()
        }
        first?.continuation.resume(returning: .session(session))
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
