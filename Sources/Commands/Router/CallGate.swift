internal import Core
internal import Domain
internal import Synchronization
internal import Threading

/// How many submits and replaces may be on their way to each adapter at once, over all partitions of a process.
final class CallGate: Sendable {
    private struct State {
        var taken: [Adapter: Int] = [:]
        /// Who has intents that wait for a place, by adapter.
        var waiting: [Adapter: [Int32: @Sendable () -> Void]] = [:]
        /// Requests that passed their last look and have not ended.
        var passed = 0
        var lastSentAt: Timestamp?
    }

    private let limit: Int
    private let state = Mutex(State())
    private let left = Arrivals()

    init(limit: Int) { self.limit = limit }

    /// Lends all free places to one step, so that no two steps prepare for the same one.
    func lend() -> [Adapter: Int] {
        state.withLock { state in
            var lent: [Adapter: Int] = [:]
            for adapter in Adapter.allCases {
                let taken = state.taken[adapter, default: 0]
                lent[adapter] = max(0, limit - taken)
                state.taken[adapter] = max(limit, taken)
            }
            return lent
        }
    }

    /// Takes back what the step did not use; what it used is given back by `end`, one by one.
    func settle(_ lent: [Adapter: Int], used: [Adapter]) {
        var unused = lent
        for adapter in used { unused[adapter, default: 0] -= 1 }
        free(unused)
    }

    /// The call ended, or will not be made.
    func end(_ adapter: Adapter) { free([adapter: 1]) }

    private func free(_ places: [Adapter: Int]) {
        let woken = state.withLock { state in
            var woken: [@Sendable () -> Void] = []
            for (adapter, count) in places where count != 0 {
                state.taken[adapter, default: 0] -= count
                if count > 0, let waiting = state.waiting.removeValue(forKey: adapter) { woken += waiting.values }
            }
            return woken
        }
        for wake in woken { wake() }
    }

    /// Wakes a partition once when one of these adapters has a place, which may be now.
    func wait(for adapters: Set<Adapter>, _ partition: Int32, wake: @escaping @Sendable () -> Void) {
        let isFree = state.withLock { state in
            if adapters.contains(where: { state.taken[$0, default: 0] < limit }) { return true }
            for adapter in adapters { state.waiting[adapter, default: [:]][partition] = wake }
            return false
        }
        if isFree { wake() }
    }

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
}
