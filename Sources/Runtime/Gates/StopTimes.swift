internal import Domain
internal import Synchronization

/// How long each process took to stop, of the engagement that is in force: what an earlier one took is history.
///
/// Every partition of a router reports for itself under its process's name, and the slowest one counts.
final class StopTimes: Sendable {
    private struct State {
        var engagement: EventID?
        var longest: [String: Int64] = [:]
    }

    private let state = Mutex(State())

    /// The longest of this process so far, and whether a new engagement began with it.
    func note(_ microseconds: Int64, of process: String, at engagement: EventID?) -> (longest: Int64, isFirst: Bool) {
        state.withLock { state in
            let isFirst = state.engagement != engagement
            if isFirst { state = State(engagement: engagement) }
            let longest = max(state.longest[process] ?? 0, microseconds)
            state.longest[process] = longest
            return (longest, isFirst)
        }
    }

    /// Whether anything was known of the engagement that is over.
    func released() -> Bool {
        state.withLock { state in
            defer { state = State() }
            return !state.longest.isEmpty
        }
    }
}
