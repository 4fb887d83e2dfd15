internal import Synchronization

/// Where the durable mark is shown inside the process: readers that are up to date wait here.
final class MarkBoard: Sendable {
    private struct State {
        var place: DurableMark.Place
        var closed = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state: Mutex<State>

    init(_ place: DurableMark.Place) { state = Mutex(State(place: place)) }

    var place: DurableMark.Place { state.withLock { $0.place } }
    var isClosed: Bool { state.withLock { $0.closed } }

    func show(_ place: DurableMark.Place) {
        let woken = state.withLock { state in
            state.place = place
            defer { state.waiters.removeAll() }
            return Array(state.waiters.values)
        }
        for waiter in woken { waiter.resume() }
    }

    func close() {
        let woken = state.withLock { state in
            state.closed = true
            defer { state.waiters.removeAll() }
            return Array(state.waiters.values)
        }
        for waiter in woken { waiter.resume() }
    }

    /// Returns when the mark has moved beyond `seen`, when the time is over, or when the journal or the task ends.
    func wait(beyond seen: DurableMark.Place, _ limit: Duration) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            var timer: Task<Void, Never>?
            await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
                let now = state.withLock { state in
                    if state.closed || Task.isCancelled || state.place > seen { return true }
                    state.waiters[id] = waiter
                    return false
                }
                if now { return waiter.resume() }
                timer = Task {
                    // A sleep that is cut short means that the waiter is gone already.
                    try? await Task.sleep(for: limit)
                    wake(id)
                }
            }
            timer?.cancel()
        } onCancel: {
            wake(id)
        }
    }

    private func wake(_ id: UInt64) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.resume()
    }
}
