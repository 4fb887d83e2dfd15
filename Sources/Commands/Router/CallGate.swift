internal import Core
internal import Domain
internal import Synchronization
internal import Threading

/// How many submits and replaces may be on their way to each adapter at once, over all partitions of a process.
final class CallGate: Sendable {
    private struct State {
        var inside: [Adapter: Int] = [:]
        var reserved: [Adapter: Int] = [:]
        /// Requests that passed their last look and have not ended.
        var passed = 0
        var lastSentAt: Timestamp?
    }

    private let limit: Int
    private let state = Mutex(State())
    private let left = Arrivals()

    init(limit: Int) { self.limit = limit }

    /// Calls that were decided and have not ended.
    var reserved: [Adapter: Int] { state.withLock { $0.reserved } }

    func reserve(_ adapter: Adapter) { state.withLock { $0.reserved[adapter, default: 0] += 1 } }

    func end(_ adapter: Adapter) { state.withLock { $0.reserved[adapter, default: 1] -= 1 } }

    /// When the last first byte went out, of those requests that have ended.
    var lastSentAt: Timestamp? { state.withLock { $0.lastSentAt } }

    /// The look and the count are one: who has looked is counted, and who counts sees all who may still send.
    func pass(_ look: () -> SendPermit.Look) -> SendPermit.Look {
        state.withLock { state in
            let seen = look()
            if seen == .go { state.passed += 1 }
            return seen
        }
    }

    func ended(leftAt moment: Timestamp) {
        state.withLock { state in
            state.passed -= 1
            state.lastSentAt = max(state.lastSentAt ?? moment, moment)
        }
        left.wake()
    }

    /// Whether every request that had passed its last look has ended, by then.
    func isSilent(by deadline: ContinuousClock.Instant) async -> Bool {
        while true {
            let seen = left.count
            if state.withLock({ $0.passed == 0 }) { return true }
            guard ContinuousClock.now < deadline else { return false }
            await left.wait(after: seen, until: deadline)
        }
    }

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
