internal import Synchronization

/// How long each process took to stop, of the last stop: what one before it took is history.
///
/// Every partition of a router reports for itself under its process's name, and again when something else engages the
/// switch meanwhile: the slowest report counts.
final class StopTimes: Sendable {
    private struct State {
        var isOver = false
        var longest: [String: Int64] = [:]
    }

    private let state = Mutex(State())

    /// The longest of this process so far, and whether a new stop began with it.
    func note(_ microseconds: Int64, of process: String) -> (longest: Int64, isFirst: Bool) {
        state.withLock { state in
            let isFirst = state.isOver
            if isFirst { state = State() }
            let longest = max(state.longest[process] ?? 0, microseconds)
            state.longest[process] = longest
            return (longest, isFirst)
        }
    }

    func released() { state.withLock { $0.isOver = true } }
}
