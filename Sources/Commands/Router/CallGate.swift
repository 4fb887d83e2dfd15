internal import Domain
internal import Synchronization
internal import Threading

/// How many submits and replaces may be on their way to each adapter at once, over all partitions of a process.
final class CallGate: Sendable {
    private struct State {
        var inside: [Adapter: Int] = [:]
        var reserved: [Adapter: Int] = [:]
    }

    private let limit: Int
    private let state = Mutex(State())
    private let left = Arrivals()

    init(limit: Int) { self.limit = limit }

    /// Calls that were decided and have not ended.
    var reserved: [Adapter: Int] { state.withLock { $0.reserved } }

    func reserve(_ adapter: Adapter) { state.withLock { $0.reserved[adapter, default: 0] += 1 } }

    func end(_ adapter: Adapter) { state.withLock { $0.reserved[adapter, default: 1] -= 1 } }

    /// Waits for a place until the deadline; false when there was none.
    func enter(_ adapter: Adapter, until deadline: ContinuousClock.Instant) async -> Bool {
        while true {
            let seen = left.count
            let isIn = state.withLock { state in
                guard state.inside[adapter, default: 0] < limit else { return false }
                state.inside[adapter, default: 0] += 1
                return true
            }
            if isIn { return true }
            guard ContinuousClock.now < deadline else { return false }
            await left.wait(after: seen, until: deadline)
        }
    }

    func leave(_ adapter: Adapter) {
        state.withLock { $0.inside[adapter, default: 1] -= 1 }
        left.wake()
    }
}
