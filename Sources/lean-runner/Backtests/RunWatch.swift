import Synchronization

/// How far a run is, told by the thread that does it; and whether it shall stop, told to that thread.
final class RunWatch: Sendable {
    enum Phase: String, Sendable {
        case reading
        case firstRun = "first_run"
        case secondRun = "second_run"
        case writing
        case launched
    }

    enum Stop: Sendable {
        case cancelled(by: String)
        case timedOut
        /// The runner ends; the run begins again when it is back.
        case shutdown
    }

    private struct State {
        var phase = Phase.reading
        var done = 0
        var total = 0
        var stop: Stop?
    }

    private let state = Mutex(State())

    func enter(_ phase: Phase, of total: Int) {
        state.withLock { state in
            state.phase = phase
            state.done = 0
            state.total = total
        }
    }

    /// Whether to go on.
    func passed(_ done: Int) -> Bool {
        state.withLock { state in
            state.done = done
            return state.stop == nil
        }
    }

    /// The first reason counts.
    func stop(_ reason: Stop) {
        state.withLock { state in if state.stop == nil { state.stop = reason } }
    }

    var stopped: Stop? { state.withLock(\.stop) }

    var progress: Document {
        let state = state.withLock { $0 }
        return .object([
            "phase": .string(state.phase.rawValue), "done": .integer(state.done), "total": .integer(state.total),
        ])
    }
}
