public import Core
import Synchronization
internal import Threading

/// A consumer group inside one process: partition p goes to member p modulo their number, and moves only when it is
/// released.
///
/// The journal needs no more, since one process runs all its roles.
public final class LocalGroup: Sendable {
    private struct Member {
        var owned: Set<Int32> = []
        var revoking: Set<Int32> = []
        var changes: [OwnershipChange] = []
    }

    private struct State {
        var members: [Int: Member] = [:]
        var joined = 0
    }

    private let state = Mutex(State())
    private let partitions: Int32
    fileprivate let arrivals = Arrivals()

    public init(partitions: Int32) { self.partitions = partitions }

    public func join() -> any Membership {
        let id = state.withLock { state in
            state.joined += 1
            state.members[state.joined] = Member()
            rebalance(&state)
            return state.joined
        }
        arrivals.wake()
        return LocalMembership(group: self, id: id)
    }

    fileprivate func leave(_ id: Int) {
        state.withLock { state in
            state.members[id] = nil
            rebalance(&state)
        }
        arrivals.wake()
    }

    fileprivate func release(_ partitions: Set<Int32>, by id: Int) {
        state.withLock { state in
            state.members[id]?.revoking.subtract(partitions)
            rebalance(&state)
        }
        arrivals.wake()
    }

    fileprivate func change(for id: Int) -> OwnershipChange? {
        state.withLock { state in
            guard state.members[id]?.changes.isEmpty == false else { return nil }
            return state.members[id]?.changes.removeFirst()
        }
    }

    /// Takes what a member should not have, and gives out what nobody holds.
    private func rebalance(_ state: inout State) {
        let ids = state.members.keys.sorted()
        guard !ids.isEmpty else { return }
        let target = Dictionary(grouping: 0..<partitions) { ids[Int($0) % ids.count] }.mapValues(Set.init)
        for id in ids {
            guard let member = state.members[id] else { continue }
            let surplus = member.owned.subtracting(target[id] ?? [])
            guard !surplus.isEmpty else { continue }
            state.members[id]?.owned.subtract(surplus)
            state.members[id]?.revoking.formUnion(surplus)
            state.members[id]?.changes.append(.revoked(surplus))
        }
        let held = state.members.values.reduce(into: Set<Int32>()) { $0.formUnion($1.owned.union($1.revoking)) }
        for id in ids {
            let fresh = (target[id] ?? []).subtracting(held)
            guard !fresh.isEmpty else { continue }
            state.members[id]?.owned.formUnion(fresh)
            state.members[id]?.changes.append(.granted(fresh))
        }
    }
}

private struct LocalMembership: Membership {
    let group: LocalGroup
    let id: Int

    func change(waiting limit: Duration) async throws(LogError) -> OwnershipChange? {
        let deadline = ContinuousClock.now + limit
        while true {
            let seen = group.arrivals.count
            if let change = group.change(for: id) { return change }
            if ContinuousClock.now >= deadline { return nil }
            await group.arrivals.wait(after: seen, until: deadline)
        }
    }

    func released(_ partitions: Set<Int32>) async throws(LogError) { group.release(partitions, by: id) }

    func leave() async { group.leave(id) }
}
