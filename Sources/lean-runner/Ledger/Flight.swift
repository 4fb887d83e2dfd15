import Adapters
import Synchronization
import Threading

/// One key on its way: to the broker, or to its void.
///
/// Others of the same key wait for its end.
final class Flight: Departure {
    private struct State {
        var hasLeft = false
        var hasEnded = false
        /// Why not a byte may leave any more.
        var withheld: RunnerFault?
    }

    private let state = Mutex(State())
    private let landings = Arrivals()
    /// Looked at when the connection stands, right before the first byte.
    private let lastLook: @Sendable () -> RunnerFault?

    init(lastLook: @escaping @Sendable () -> RunnerFault? = { nil }) { self.lastLook = lastLook }

    func mayLeave() -> Bool {
        state.withLock { state in
            guard state.withheld == nil else { return false }
            if let fault = lastLook() {
                state.withheld = fault
                return false
            }
            state.hasLeft = true
            return true
        }
    }

    func ended() {}

    /// Keeps it back for good, unless it left already.
    func withhold(_ fault: RunnerFault) -> Bool {
        state.withLock { state in
            guard !state.hasLeft else { return false }
            state.withheld = state.withheld ?? fault
            return true
        }
    }

    var withheld: RunnerFault? { state.withLock { $0.withheld } }
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func land() {
        state.withLock { $0.hasEnded = true }
        landings.wake()
    }

    /// False when it did not end within the limit.
    func waitForEnd(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let seen = landings.count
            if hasEnded { return true }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            await landings.wait(after: seen, until: deadline)
        }
    }
}
