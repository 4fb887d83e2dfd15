internal import Core
internal import Synchronization
internal import Threading

/// What waits for the log: bounded, and whoever fills it waits.
///
/// Waiting is what holds back the broker: nothing is read from the socket meanwhile.
final class StreamBuffer: Sendable {
    struct Item: Sendable {
        enum Origin: Sendable {
            case stream
            case rest
            /// All that was missing before its connection lies in front of it.
            case closing
        }

        /// Which connection it belongs to.
        let connection: Int
        let origin: Origin
        var records: [NewRecord] = []
        /// The broker's time of it; of a closing the moment when its connection began to listen.
        var time: Timestamp?

        var bytes: Int { records.reduce(0) { $0 + LogLimits.size(of: $1) } }
    }

    private struct State {
        var items: [Item] = []
        var bytes = 0
        var isFinished = false
        /// Who waits for room.
        var waiting = 0
    }

    private let state = Mutex(State())
    /// Rung also when something else than an update is to be written.
    private let came: Arrivals
    private let left = Arrivals()
    private let limits: StreamLimits
    private let standing: StandingDesk

    init(_ limits: StreamLimits, _ bell: Arrivals, _ standing: StandingDesk) {
        self.limits = limits
        came = bell
        self.standing = standing
    }

    /// Waits for room; false when nothing is taken any more.
    func put(_ item: Item) async -> Bool {
        let bytes = item.bytes
        var isWaiting = false
        // Also when it was cancelled: nobody else would say that there is room.
        defer { if isWaiting { wait(-1) } }
        while !Task.isCancelled {
            let seen = left.count
            let (isTaken, isFinished) = state.withLock { state -> (Bool, Bool) in
                guard !state.isFinished else { return (false, true) }
                let fits =
                    state.items.count < limits.bufferedUpdates && state.bytes + bytes <= limits.bufferedBytes
                // One that is larger than all the room goes alone.
                guard fits || state.items.isEmpty else { return (false, false) }
                state.items.append(item)
                state.bytes += bytes
                return (true, false)
            }
            if isTaken || isFinished {
                if isTaken { came.wake() }
                return isTaken
            }
            if !isWaiting { wait(1) }
            isWaiting = true
            await left.wait(after: seen, until: .now + .seconds(60))
        }
        return false
    }

    private func wait(_ more: Int) {
        state.withLock { $0.waiting += more }
        // Counted inside: what is told last is what is.
        standing.change { [self] standing in standing.isFull = state.withLock { $0.waiting > 0 } }
    }

    /// What one append takes.
    func take() -> [Item] {
        let taken = state.withLock { state -> [Item] in
            var (count, bytes) = (0, 0)
            for item in state.items.prefix(limits.appendUpdates) {
                let size = item.bytes
                if count > 0, bytes + size > limits.appendBytes { break }
                count += 1
                bytes += size
            }
            let taken = Array(state.items.prefix(count))
            state.items.removeFirst(count)
            state.bytes -= bytes
            return taken
        }
        if !taken.isEmpty { left.wake() }
        return taken
    }

    var count: Int { state.withLock { $0.items.count } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// Nothing more is taken; what is there may still be written.
    func finish() {
        state.withLock { $0.isFinished = true }
        came.wake()
        left.wake()
    }

    /// A mark to wait behind.
    var mark: Int { came.count }

    func wait(after mark: Int, _ limit: Duration) async { await came.wait(after: mark, until: .now + limit) }
}
