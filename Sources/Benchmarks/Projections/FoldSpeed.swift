import Bus
import Core
import Domain
import Glibc
import Postgres
import Projections
import Synchronization

/// Folding behind the log: the two-table mix, beside Postgres alone with the same batches.
enum FoldSpeed {
    static let events = 1_000_000

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("fold")
        let log = try await MixLog.journal("\(scratch.path)/journal", events: events)
        let postgres = try BenchPostgres()
        for lanes in [1, 2] {
            let floor = try await alone(log, postgres, lanes)
            let ours = try await live(log, postgres, lanes)
            table.add(
                Row(
                    name: "live fold of the two-table mix, \(lanes) connection\(lanes > 1 ? "s" : ""), beside Postgres alone",
                    ours: Row.perSecond(events, ours.time), floor: Row.perSecond(events, floor),
                    ratio: ours.time.seconds / floor.seconds, target: .atMost(lanes == 1 ? 1.3 : 1.5)))
            print("lanes \(lanes): ours \(ours.time) cpu \(ours.cpu) commits \(ours.commits) floor \(floor)")
        }
        postgres.stop()
        await log.close()
        try scratch.remove()
    }

    static let limits = ProjectionLimits()

    /// Postgres alone, each connection with its share of the partitions.
    static func alone(_ log: JournalLog, _ postgres: BenchPostgres, _ lanes: Int) async throws -> Duration {
        let database = try postgres.database()
        let standing = try await Projector(log: log, database: database, owner: "bench", observer: Quiet())
            .prepare([OrderMix.self]).served
        var shares: [ReadyBatches] = []
        for lane in 0..<lanes {
            let partitions = (0..<12).filter { $0 % lanes == lane }.map(Int32.init)
            let ready = try await ReadyBatches(log, standing, partitions: partitions, limits)
            print("ready: \(ready.time) for \(ready.batches.count) batches")
            shares.append(ready)
        }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for share in shares { group.addTask { _ = try await share.write(to: database, limits) } }
            try await group.waitForAll()
        }
        return ContinuousClock.now - start
    }

    static func live(
        _ log: JournalLog, _ postgres: BenchPostgres, _ lanes: Int
    ) async throws -> (time: Duration, cpu: Double, commits: Int) {
        let database = try postgres.database()
        let finish = FinishLine(rows: events)
        let projector = Projector(
            log: log, database: database, owner: "bench", observer: finish, lanes: lanes, limits: limits)
        let standing = try await projector.prepare([OrderMix.self]).served
        let (start, cpu) = (ContinuousClock.now, processorSeconds())
        let running = Task { try await projector.run(standing, partitions: Array(0..<12)) }
        await finish.reached()
        let time = ContinuousClock.now - start
        let used = processorSeconds() - cpu
        running.cancel()
        try await running.value
        return (time, used, finish.commits)
    }

    static func processorSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Hears nothing.
struct Quiet: ProjectionObserver {
    func committed(_ commits: [ProjectionCommit]) {}
    func noted(_ note: ProjectionNote) { print("note: \(note.kind) \(note.text)") }
    func parked(_ row: ParkedRow, of unit: UnitName) async {}
}

/// Waits until the units have folded so many records of the mix.
final class FinishLine: ProjectionObserver {
    private struct State {
        var folded: [UnitName: Int64] = [:]
        var commits = 0
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let rows: Int64

    init(rows: Int) { self.rows = Int64(rows) }

    var commits: Int { state.withLock { $0.commits } }

    func committed(_ commits: [ProjectionCommit]) {
        let ready = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.commits += 1
            for commit in commits {
                state.folded[commit.unit] = commit.vector.sources.filter { $0.topic == OrderMix.inputs[0].name }
                    .reduce(0) { $0 + (commit.vector[$1]?.next ?? 0) }
            }
            guard state.folded.values.reduce(0, +) >= rows else { return nil }
            defer { state.waiting = nil }
            return state.waiting
        }
        ready?.resume()
    }

    func noted(_ note: ProjectionNote) { print("note: \(note.kind) \(note.text)") }
    func parked(_ row: ParkedRow, of unit: UnitName) async { print("parked: \(row.detail ?? "")") }

    func reached() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.folded.values.reduce(0, +) >= rows { return true }
                state.waiting = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
