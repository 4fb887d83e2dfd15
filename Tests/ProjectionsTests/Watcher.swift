import Core
import Projections
import Synchronization

/// Hears what a projector does, and lets a test wait for it.
final class Watcher: ProjectionObserver {
    private struct State {
        var vectors: [UnitName: FoldedVector] = [:]
        var commits = 0
        var waits: [BatchWaits] = []
        var mostOffsets: Int64 = 0
        var notes: [ProjectionNote] = []
        var parked: [ParkedRow] = []
        var waiting:
            [(condition: @Sendable ([UnitName: FoldedVector], [ParkedRow]) -> Bool, CheckedContinuation<Void, Never>)] =
                []
    }

    private let state = Mutex(State())

    var commits: Int { state.withLock { $0.commits } }
    /// Of the largest commit.
    var mostOffsets: Int64 { state.withLock { $0.mostOffsets } }
    /// Of each batch.
    var waits: [BatchWaits] { state.withLock { $0.waits } }
    var notes: [ProjectionNote] { state.withLock { $0.notes } }
    var parked: [ParkedRow] { state.withLock { $0.parked } }

    func committed(_ commits: [ProjectionCommit]) {
        change { state in
            for commit in commits { state.vectors[commit.unit] = commit.vector }
            state.commits += 1
            state.mostOffsets = max(state.mostOffsets, commits.reduce(0) { $0 + $1.offsets })
        }
    }

    func waited(_ waits: BatchWaits) { change { $0.waits.append(waits) } }

    func noted(_ note: ProjectionNote) { change { $0.notes.append(note) } }

    func parked(_ row: ParkedRow, of unit: UnitName) async { change { $0.parked.append(row) } }

    private func change(_ body: (inout State) -> Void) {
        let ready = state.withLock { state in
            body(&state)
            var ready: [CheckedContinuation<Void, Never>] = []
            state.waiting.removeAll { waiting in
                guard waiting.condition(state.vectors, state.parked) else { return false }
                ready.append(waiting.1)
                return true
            }
            return ready
        }
        for continuation in ready { continuation.resume() }
    }

    /// Returns when the condition holds after some commit.
    func wait(
        until condition: @escaping @Sendable ([UnitName: FoldedVector], [ParkedRow]) -> Bool
    ) async {
        await withCheckedContinuation { continuation in
            let holds = state.withLock { state in
                if condition(state.vectors, state.parked) { return true }
                state.waiting.append((condition, continuation))
                return false
            }
            if holds { continuation.resume() }
        }
    }
}
