internal import Adapters
internal import Core
internal import Domain
internal import Synchronization

/// The last look of one submit or replace, taken again before the first byte of every request of it.
///
/// Whoever engages a stop and then finds the gate silent knows that nothing leaves any more: a request that waits for
/// its connection, or for its turn after a 429, has this before it.
final class LastLook: Departure {
    private struct State {
        var leftAt: Timestamp?
        var refusal: HeldBack?
    }

    private let gate: CallGate
    private let permit: SendPermit
    private let deadline: Timestamp
    private let time: any TimeSource
    private let passed: @Sendable () -> Void
    private let state = Mutex(State())

    init(
        _ gate: CallGate, _ permit: SendPermit, _ deadline: Timestamp, _ time: any TimeSource,
        passed: @escaping @Sendable () -> Void
    ) {
        self.gate = gate
        self.permit = permit
        self.deadline = deadline
        self.time = time
        self.passed = passed
    }

    /// Why the last request was kept back, if one was.
    var refusal: HeldBack? { state.withLock { $0.refusal } }

    func mayLeave() -> Bool {
        let now = time.now()
        switch gate.pass({ permit.look(at: now, deadline: deadline) }) {
        case .go: state.withLock { $0.leftAt = now }
        case .forbidden(let reason): return refuse(reason)
        // A connection that stands is not kept waiting.
        case .wait: return refuse(.controlStale)
        }
        passed()
        return true
    }

    private func refuse(_ reason: HeldBack) -> Bool {
        state.withLock { $0.refusal = reason }
        return false
    }

    func ended() {
        let leftAt = state.withLock { state in
            defer { state.leftAt = nil }
            return state.leftAt
        }
        if let leftAt { gate.ended(leftAt: leftAt) }
    }
}
