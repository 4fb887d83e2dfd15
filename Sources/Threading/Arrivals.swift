import Synchronization

/// A count of things that came, and a way to wait until it moves: no wake-up between looking and waiting is lost.
public final class Arrivals: Sendable {
    private struct State {
        var count = 0
        var tickets = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Waits that were cancelled before they began.
        var abandoned: Set<Int> = []
    }

    private let state = Mutex(State())

    public init() {}

    public var count: Int { state.withLock { $0.count } }

    public func wake() {
        let woken = state.withLock { state in
            state.count += 1
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Returns when the count differs from what was seen, when the deadline has passed, or when cancelled.
    public func wait(after seen: Int, until deadline: ContinuousClock.Instant) async {
        guard ContinuousClock.now < deadline else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.arrival(after: seen) }
            // A sleep that is cancelled has been overtaken by an arrival.
            group.addTask { _ = try? await Task.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }

    private func arrival(after seen: Int) async {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumed = state.withLock { state in
                    if state.abandoned.remove(ticket) != nil || state.count != seen { return true }
                    state.waiting[ticket] = continuation
                    return false
                }
                if resumed { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                let waiting = state.waiting.removeValue(forKey: ticket)
                if waiting == nil { state.abandoned.insert(ticket) }
                return waiting
            }
            waiting?.resume()
        }
        _ = state.withLock { $0.abandoned.remove(ticket) }
    }
}
