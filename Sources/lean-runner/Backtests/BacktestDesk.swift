import Backtesting
import Core
import Synchronization
import Telemetry

/// All runs of this runner: taken in while there is room, done one after the other, and on the disk at every step.
final class BacktestDesk: Sendable {
    struct Book {
        var states: [String: BacktestState] = [:]
        /// In the order of their submits.
        var queue: [String] = []
        var current: (id: String, watch: RunWatch)?
        var isClosing = false
    }

    /// A run that was cut off so often by the runner's death is likely its cause.
    static let maximumAttempts: Int64 = 5
    static let diskPause: Duration = .seconds(1)

    let settings: BacktestSettings
    let store: BacktestStore
    let time: any TimeSource
    let logbook: Logbook
    private let book: Mutex<Book>
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// Reads what is on the disk: a run that a kill cut off waits first, then those that waited.
    init(
        _ settings: BacktestSettings, _ store: BacktestStore, time: any TimeSource, logbook: Logbook
    ) throws(BacktestStore.Failure) {
        self.settings = settings
        self.store = store
        self.time = time
        self.logbook = logbook
        let found = try store.load()
        for problem in found.problems { logbook.error("backtest_unreadable", ["problem": .text(problem)]) }
        var states: [String: BacktestState] = [:]
        // What a runner that was killed had launched.
        LaunchedProcess.endAll(in: store.folder)
        for var state in found.states {
            if Self.settle(&state, at: time.now()) {
                // A disk that does not take it is no reason to wait: the next start comes to the same end.
                do throws(BacktestStore.Failure) { try store.save(state) } catch {
                    logbook.error("backtest_not_saved", ["problem": .text(error.description)])
                }
            }
            states[state.id] = state
        }
        let open = states.values.filter { !$0.status.isFinal }.sorted {
            ($0.status == .running ? 0 : 1, $0.submittedAt, $0.id) < (
                $1.status == .running ? 0 : 1, $1.submittedAt, $1.id
            )
        }
        book = Mutex(Book(states: states, queue: open.map(\.id)))
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        if !open.isEmpty {
            logbook.info("backtests_resumed", ["count": .integer(open.count)])
            ring.yield()
        }
    }

    /// Ends a run that a kill cut off, when it is not to begin again; whether it did.
    private static func settle(_ state: inout BacktestState, at now: Timestamp) -> Bool {
        guard state.status == .running else { return false }
        if let who = state.cancelRequestedBy {
            state.cancel(by: who, at: now)
            return true
        }
        guard state.attempts >= maximumAttempts else { return false }
        state.status = .failed
        state.failure = "backtest_failed"
        state.reason = "the runner died \(state.attempts) times during this run"
        state.completedAt = now
        return true
    }

    func state(of id: String) -> (state: BacktestState, progress: Document?)? {
        book.withLock { book in
            book.states[id].map { ($0, book.current?.id == id ? book.current?.watch.progress : nil) }
        }
    }

    func all() -> [BacktestState] {
        book.withLock { $0.states.values.sorted { ($0.submittedAt, $0.id) < ($1.submittedAt, $1.id) } }
    }

    /// Takes a run in, durably, before it answers; a run that is known is not begun again, unless it ended without a
    /// result and is asked for anew.
    func submit(
        _ identity: BacktestIdentity, config: Document, key: String?
    ) throws(RunnerFault) -> (state: BacktestState, isReplay: Bool) {
        let now = time.now()
        let result: Result<(BacktestState, Bool), RunnerFault> = book.withLock { book in
            do throws(RunnerFault) { return .success(try admit(identity, config, key, now, &book)) } catch {
                return .failure(error)
            }
        }
        let admitted = try result.get()
        if !admitted.1 { ring.yield() }
        return admitted
    }

    private func admit(
        _ identity: BacktestIdentity, _ config: Document, _ key: String?, _ now: Timestamp, _ book: inout Book
    ) throws(RunnerFault) -> (BacktestState, Bool) {
        if let key, book.states.values.contains(where: { $0.submitKey == key && $0.id != identity.id }) {
            throw RunnerFault(
                409, .notSent, code: "idempotency_conflict", detail: "this key came with another configuration",
                taxonomy: .conflict)
        }
        var state: BacktestState
        if let known = book.states[identity.id] {
            let isOver = known.status == .failed || known.status == .cancelled
            guard isOver, key == nil || key != known.submitKey else { return (known, true) }
            state = known
            state.requeue(submitKey: key, at: now)
        } else {
            state = BacktestState(identity, config: config, submitKey: key, at: now)
        }
        guard book.queue.count < settings.maximumQueue else {
            throw RunnerFault(
                429, .notSent, code: "backtest_queue_full",
                detail: "\(book.queue.count) runs are waiting (LEAN_BACKTEST_MAX_QUEUE)", taxonomy: .rateLimited)
        }
        try keep(state)
        book.states[state.id] = state
        book.queue.append(state.id)
        forget(&book)
        return (state, false)
    }

    private func keep(_ state: BacktestState) throws(RunnerFault) {
        do throws(BacktestStore.Failure) { try store.save(state) } catch {
            logbook.error("backtest_not_saved", ["id": .text(state.id), "problem": .text(error.description)])
            throw RunnerFault(
                503, .notSent, code: "backtest_store_unavailable", detail: error.description, taxonomy: .ledger)
        }
    }

    /// The oldest finished runs go when there are too many.
    private func forget(_ book: inout Book) {
        let finished = book.states.values.filter(\.status.isFinal)
        guard finished.count > settings.maximumFinished else { return }
        let oldest = finished.sorted { ($0.submittedAt, $0.id) < ($1.submittedAt, $1.id) }
        for state in oldest.prefix(finished.count - settings.maximumFinished) {
            do throws(BacktestStore.Failure) {
                try store.remove(state.id)
                book.states[state.id] = nil
            } catch { logbook.error("backtest_not_removed", ["problem": .text(error.description)]) }
        }
    }

    /// A run that waits is over at once; one that is under way stops soon.
    func cancel(_ id: String, by who: String) throws(RunnerFault) -> BacktestState {
        let now = time.now()
        let result: Result<BacktestState, RunnerFault> = book.withLock { book in
            guard var state = book.states[id] else { return .failure(.missing("backtest_not_found")) }
            guard state.status != .cancelled else { return .success(state) }
            guard !state.status.isFinal else {
                return .failure(
                    RunnerFault(
                        409, nil, code: "backtest_already_finished", detail: "the run is \(state.status.rawValue)",
                        taxonomy: .conflict))
            }
            if let current = book.current, current.id == id {
                if state.cancelRequestedBy == nil {
                    state.cancelRequestedBy = who
                    do throws(RunnerFault) { try keep(state) } catch { return .failure(error) }
                    book.states[id] = state
                }
                current.watch.stop(.cancelled(by: who))
                return .success(state)
            }
            state.cancel(by: who, at: now)
            do throws(RunnerFault) { try keep(state) } catch { return .failure(error) }
            book.states[id] = state
            book.queue.removeAll { $0 == id }
            return .success(state)
        }
        return try result.get()
    }

    // The worker's side

    /// The next run, marked as running on the disk; waits until there is one, `nil` when the desk closes.
    func next() async -> (BacktestState, RunWatch)? {
        var rings = bell.makeAsyncIterator()
        while true {
            if let next = take() { return next }
            let (isClosing, waiting) = book.withLock { ($0.isClosing, $0.queue.count) }
            guard !isClosing else { return nil }
            if waiting > 0 {
                // The disk took no state: it is tried again, and not without a pause.
                do { try await Task.sleep(for: Self.diskPause) } catch { return nil }
            } else {
                guard await rings.next() != nil else { return nil }
            }
        }
    }

    private func take() -> (BacktestState, RunWatch)? {
        let now = time.now()
        return book.withLock { book in
            guard !book.isClosing, let id = book.queue.first, var state = book.states[id] else { return nil }
            state.status = .running
            state.startedAt = now
            state.attempts += 1
            do throws(RunnerFault) { try keep(state) } catch { return nil }
            let watch = RunWatch()
            book.queue.removeFirst()
            book.states[id] = state
            book.current = (id, watch)
            return (state, watch)
        }
    }

    /// The end of a run; its artifacts are in place before its state says so.
    ///
    /// `false` when the disk does not take it: then nobody is told, and the run is under way until it is asked again.
    func finish(_ id: String, _ change: (inout BacktestState) -> Void) -> Bool {
        let now = time.now()
        return book.withLock { book in
            guard var state = book.states[id] else {
                book.current = nil
                return true
            }
            change(&state)
            state.completedAt = now
            do throws(RunnerFault) { try keep(state) } catch { return false }
            book.current = nil
            book.states[id] = state
            forget(&book)
            return true
        }
    }

    var isClosing: Bool { book.withLock(\.isClosing) }

    /// Lets go of a run that the end of the runner cut off: on the disk it is running, and begins again.
    ///
    /// An end in good order is no death: the attempt is not counted.
    func abandon(_ id: String) {
        book.withLock { book in
            book.current = nil
            guard var state = book.states[id] else { return }
            state.attempts -= 1
            do throws(RunnerFault) { try keep(state) } catch { return }
            book.states[id] = state
        }
    }

    func close() {
        book.withLock { book in
            book.isClosing = true
            book.current?.watch.stop(.shutdown)
        }
        ring.finish()
    }
}
