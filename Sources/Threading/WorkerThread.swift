internal import Glibc
internal import Synchronization

/// A thread of its own for work that blocks for long: it starts with the object and never outlives it.
@safe public final class WorkerThread: Sendable {
    /// What the work looks at to learn that it should end.
    public final class StopSignal: Sendable {
        private let stopping = Atomic<Bool>(false)

        init() {}

        public var isStopping: Bool { stopping.load(ordering: .acquiring) }

        fileprivate func raise() { stopping.store(true, ordering: .releasing) }
    }

    /// Linux shows no longer names.
    public static let maximumNameBytes = 15

    /// The system gave no thread.
    public struct StartFailure: Error, Equatable, Sendable, CustomStringConvertible {
        public let code: Int32
        public var description: String { "no thread could be started (error \(code))" }
    }

    private let thread: pthread_t
    private let progress: Progress
    private let wake: @Sendable () -> Void

    /// Starts `work` at once.
    ///
    /// It returns soon after the signal says so; `wake` gets it out of a call that blocks.
    public init(
        _ name: String, wake: @escaping @Sendable () -> Void = {},
        work: @escaping @Sendable (StopSignal) -> Void
    ) throws(StartFailure) {
        precondition(name.utf8.count <= Self.maximumNameBytes, "thread name '\(name)' is too long")
        let progress = Progress()
        self.progress = progress
        self.wake = wake
        let start = unsafe Unmanaged.passRetained(Start(name: name, progress: progress, work: work))
        var made = pthread_t()
        let code = unsafe pthread_create(&made, nil, { unsafe Start.run($0) }, start.toOpaque())
        thread = made
        guard code == 0 else {
            // Safe: the thread that would have taken the reference does not exist.
            unsafe start.release()
            progress.markJoined()
            throw StartFailure(code: code)
        }
    }

    /// Asks the work to end and does not wait.
    public func requestStop() {
        progress.signal.raise()
        wake()
    }

    /// Asks the work to end, and returns when the thread is gone.
    ///
    /// May be called often, but not by the work itself.
    public func stop() async {
        requestStop()
        await progress.finished()
        // The thread's last act was to say so: this join takes microseconds.
        join()
    }

    deinit {
        guard !progress.isJoined else { return }
        requestStop()
        join()
    }

    private func join() {
        guard progress.markJoined() else { return }
        // The last reference may be dropped by the work itself; a thread cannot wait for its own end.
        let result = pthread_equal(pthread_self(), thread) != 0 ? pthread_detach(thread) : pthread_join(thread, nil)
        precondition(result == 0, "joining a thread failed with \(result)")
    }
}

/// How far a thread is, known to the thread and to its owner.
private final class Progress: Sendable {
    private struct State {
        var isFinished = false
        var isJoined = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let signal = WorkerThread.StopSignal()
    private let state = Mutex(State())

    var isJoined: Bool { state.withLock { $0.isJoined } }

    /// True for the first who asks: only one may join.
    @discardableResult
    func markJoined() -> Bool {
        state.withLock { state in
            defer { state.isJoined = true }
            return !state.isJoined
        }
    }

    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func finished() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.waiting.append(continuation) }
                return state.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }
}

/// What a new thread takes with it.
private final class Start: Sendable {
    let name: String
    let progress: Progress
    let work: @Sendable (WorkerThread.StopSignal) -> Void

    init(name: String, progress: Progress, work: @escaping @Sendable (WorkerThread.StopSignal) -> Void) {
        self.name = name
        self.progress = progress
        self.work = work
    }

    static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument = unsafe argument else { return nil }
        let progress = unsafe work(at: argument)
        progress.finish()
        return nil
    }

    /// A function of its own, so that all the work holds is let go before anybody hears that it ended.
    private static func work(at argument: UnsafeMutableRawPointer) -> Progress {
        // Safe: `pthread_create` hands over the one reference that was retained for this thread.
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        takeName(start.name)
        start.work(start.progress.signal)
        return start.progress
    }

    /// For `ps` and debuggers.
    ///
    /// A machine without `/proc` shows the program's name instead, which harms nothing.
    private static func takeName(_ name: String) {
        let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = unsafe write(file, name, name.utf8.count)
        close(file)
    }
}
