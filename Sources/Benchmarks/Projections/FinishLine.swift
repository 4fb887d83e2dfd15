import Core
import Projections
import Synchronization

/// Waits until every unit has folded its inputs to their ends.
final class FinishLine: ProjectionObserver {
    private struct State {
        var open: Set<UnitName>
        var commits = 0
        var waits: [BatchWaits] = []
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>
    private let goals: [UnitName: [TopicPartition: Int64]]

    init(_ goals: [UnitName: [TopicPartition: Int64]]) {
        self.goals = goals
        state = Mutex(State(open: Set(goals.filter { $0.value.values.contains { $0 > 0 } }.keys)))
    }

    var commits: Int { state.withLock { $0.commits } }
    /// Of each batch.
    var waits: [BatchWaits] { state.withLock { $0.waits } }

    func committed(_ commits: [ProjectionCommit]) {
        let done = commits.filter { commit in
            goals[commit.unit]?.allSatisfy { (commit.vector[$0.key]?.next ?? 0) >= $0.value } ?? true
        }
        let ready = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.commits += 1
            for commit in done { state.open.remove(commit.unit) }
            guard state.open.isEmpty else { return nil }
            defer { state.waiting = nil }
            return state.waiting
        }
        ready?.resume()
    }

    func waited(_ waits: BatchWaits) { state.withLock { $0.waits.append(waits) } }

    func noted(_ note: ProjectionNote) { print("note: \(note.kind) \(note.text)") }

    func parked(_ row: ParkedRow, of unit: UnitName) async {
        print("\(unit) parked \(row.place.position): \(row.detail ?? "")")
    }

    func reached() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if !state.open.isEmpty { state.waiting = continuation }
                return state.open.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }
}

/// Hears nothing.
struct Quiet: ProjectionObserver {
    func committed(_ commits: [ProjectionCommit]) {}
    func noted(_ note: ProjectionNote) { print("note: \(note.kind) \(note.text)") }
    func parked(_ row: ParkedRow, of unit: UnitName) async {}
}
