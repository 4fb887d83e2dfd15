import Synchronization

/// How far a long command has come, on a terminal only: records per second, percent, time left.
final class ProgressLine: Sendable {
    private struct State {
        var shown: ContinuousClock.Instant
        var started: ContinuousClock.Instant
        var visible = false
    }

    private let what: String
    private let enabled = StandardError.isTerminal
    private let state = Mutex(State(shown: .now, started: .now))

    init(_ what: String) { self.what = what }

    func show(done: Int64, of total: Int64, _ unit: String = "records") {
        guard enabled else { return }
        let now = ContinuousClock.now
        state.withLock { state in
            guard state.shown.duration(to: now) > .milliseconds(200) || done == total else { return }
            state.shown = now
            state.visible = true
            let seconds = max(state.started.duration(to: now) / .seconds(1), 0.001)
            let rate = Double(done) / seconds
            let percent = total > 0 ? 100 * Double(done) / Double(total) : 100
            let left = rate > 0 ? Int64((Double(total - done) / rate).rounded(.up)) : 0
            StandardError.raw(
                "\r\(what): \(done) of \(total) \(unit), \(Int(percent)) %, \(Int(rate))/s, \(Self.clock(left)) left   "
            )
        }
    }

    /// Leaves the line, so that what follows starts on one of its own.
    func end() {
        state.withLock { state in
            if state.visible { StandardError.raw("\n") }
            state.visible = false
        }
    }

    private static func clock(_ seconds: Int64) -> String {
        let rest = seconds % 60
        return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest)"
    }
}
