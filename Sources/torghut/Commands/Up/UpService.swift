import Core
import Glibc
import Synchronization
import Threading

/// A program that `up` keeps alive: when it dies it is named and started again, after pauses that grow; one that never
/// stays is a reason to end.
final class UpService: Sendable {
    static let firstPause: Duration = .milliseconds(250)
    static let longestPause: Duration = .seconds(8)
    /// So often in a row it may end before it has lived for `settled`.
    static let maximumEnds = 8
    static let settled: Duration = .seconds(30)

    private struct State {
        var child: UpChild?
        var isStopping = false
    }

    let name: String
    private let order: UpChild.Order
    /// Whether it prints a line when it is ready, and how soon.
    private let isAwaited: Bool
    private let readyLimit: Duration
    private let notes: UpNotes
    private let state = Mutex(State())
    private let starts = Arrivals()

    init(
        _ order: UpChild.Order, isAwaited: Bool = true, readyWithin readyLimit: Duration = .seconds(30),
        _ notes: UpNotes
    ) {
        name = order.name
        self.readyLimit = readyLimit
        self.order = order
        self.isAwaited = isAwaited
        self.notes = notes
    }

    var pid: pid_t? { state.withLock(\.child).flatMap { $0.isRunning ? $0.pid : nil } }

    func signal(_ number: Int32) { state.withLock(\.child)?.signal(number) }

    /// Returns when it is ready, with the line that it says then.
    @discardableResult
    func start() async throws -> [UInt8] {
        // Under the lock: a child that is started while everything stops would be nobody's.
        let child = try state.withLock { state in
            guard !state.isStopping else { throw CancellationError() }
            let child = try UpChild(order)
            state.child = child
            return child
        }
        starts.wake()
        guard isAwaited else { return [] }
        do { return try await child.firstLine(within: readyLimit) } catch {
            child.end()
            // One that is told to end before it was ready may have begun something; one that hangs has not.
            child.signal(error is CancellationError ? SIGTERM : SIGKILL)
            throw error
        }
    }

    /// Watches it until the task is cancelled; `changed` is called after each new start.
    func keep(_ changed: @Sendable () async -> Void) async throws {
        var ends = 0
        while true {
            let child = try await current()
            let since = ContinuousClock.now
            var why = UpChild.words(try await child.ended())
            if ContinuousClock.now - since >= Self.settled { ends = 0 }
            while true {
                ends += 1
                guard ends <= Self.maximumEnds else {
                    throw UpFailure("\(name) \(why), \(ends) times in a row; see \(order.log.path)")
                }
                let pause = min(Self.firstPause * (1 << (ends - 1)), Self.longestPause)
                notes.tell("\(name) \(why); it is started again in \(pause.milliseconds) ms")
                try await Task.sleep(for: pause)
                do { _ = try await start() } catch let failure as UpFailure {
                    why = "did not start (\(failure))"
                    continue
                }
                notes.tell("\(name) runs again")
                break
            }
            await changed()
        }
    }

    /// The child that there is, or the first that comes.
    private func current() async throws -> UpChild {
        while true {
            let seen = starts.count
            if let child = state.withLock(\.child) { return child }
            try Task.checkCancellation()
            await starts.wait(after: seen, until: .now + .seconds(60))
        }
    }

    /// Asks it to end, and kills it when it has not by then; answers whether it had to.
    func stop(by deadline: ContinuousClock.Instant) async -> Bool {
        let child = state.withLock { state in
            state.isStopping = true
            return state.child
        }
        guard let child, child.isRunning else { return false }
        child.end()
        child.signal(SIGTERM)
        if await child.ends(by: deadline) { return false }
        child.signal(SIGKILL)
        _ = await child.ends(by: deadline + .seconds(1))
        return true
    }
}

/// What happened that a person should know of, the latest last.
final class UpNotes: Sendable {
    static let maximumKept = 4

    private let kept = Mutex<[String]>([])
    private let log: UpLogFile
    private let sink: @Sendable (String) -> Void

    init(_ log: UpLogFile, _ sink: @escaping @Sendable (String) -> Void) {
        self.log = log
        self.sink = sink
    }

    var latest: [String] { kept.withLock { $0 } }

    func tell(_ note: String) {
        kept.withLock { kept in
            kept.append(note)
            if kept.count > Self.maximumKept { kept.removeFirst() }
        }
        log.write(Array("\(SystemTime().now()) \(note)\n".utf8))
        sink(note)
    }
}
