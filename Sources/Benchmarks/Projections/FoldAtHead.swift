import Bus
import Core
import Domain
import Postgres
import Projections
import ProjectionsTestSupport
import Synchronization
import TestSupport

/// At the head: how long after its append an event is seen in the tables, while 5,000 come every second.
enum FoldAtHead {
    static let perSecond = 5_000
    static let seconds = 6

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("head")
        let bench = try FoldBench()
        let log = try await MixLog.journal("\(scratch.path)/journal", events: 50_000)
        let database = try bench.database()
        _ = try await bench.live(log, [OrderMix.self], lanes: 2, in: database)
        let watch = HeadWatch()
        let projector = Projector(
            log: log, database: database.settings, owner: "bench", observer: watch, lanes: 2, limits: bench.limits)
        let standing = try await projector.prepare([OrderMix.self]).served
        let running = Task { try await projector.run(standing, partitions: Array(0..<12)) }
        try await Task.sleep(for: .seconds(1))
        let writer = try await log.writer(named: "bench")
        var mix = MixLog(seed: 7)
        let start = ContinuousClock.now
        // Fifty every ten milliseconds; an append is the time an event exists from.
        for tick in 0..<seconds * 100 {
            let positions = try await writer.append(Append(try mix.records(perSecond / 100)))
            watch.appended(positions)
            try await Task.sleep(until: start + .milliseconds(10 * (tick + 1)), clock: .continuous)
        }
        await watch.allSeen()
        running.cancel()
        try await running.value
        withExtendedLifetime(database) {}
        let delays = watch.delays.sorted()
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let delay = delays[Int(Double(delays.count - 1) * share)]
            table.add(
                Row(
                    name: "event to visible at the head, \(Row.grouped(perSecond)) events/s, \(name), beside 10 ms",
                    ours: "\(Row.short(delay.seconds * 1_000)) ms", floor: "10.00 ms", ratio: delay.seconds / 0.01,
                    target: .none))
        }
        table.add(.waits(watch.waits, beside: 2, "of a batch at the head"))
        try await naive(bench, into: &table)
        await log.close()
        try scratch.remove()
        try bench.postgres.stop()
    }

    /// The way without batches: each event its own transaction of an INSERT, an upsert and a position.
    private static func naive(_ bench: FoldBench, into table: inout Table) async throws {
        let database = try bench.database()
        _ = try await Projector(
            log: MemoryLog(), database: database.settings, owner: "bench", observer: Quiet()
        ).prepare([OrderMix.self])
        var session = try database.session()
        try session.run(
            "CREATE TABLE naive_position (id integer PRIMARY KEY, next bigint); INSERT INTO naive_position VALUES (1, 0)"
        )
        let statements = [
            "INSERT INTO mix_steps_v1 VALUES (0, $1, gen_random_uuid(), $2, 'AAPL', 'new', 1, 2.5, now())",
            """
            INSERT INTO mix_orders_v1 VALUES (0, $2, 'AAPL', 'new', 1, 2.5, $1, now()) ON CONFLICT (client_order_id)
            DO UPDATE SET status = EXCLUDED.status, steps = EXCLUDED.steps, updated_at = EXCLUDED.updated_at
            """,
            "UPDATE naive_position SET next = $1 + length($2::text) * 0 WHERE id = 1",
        ]
        for (index, sql) in statements.enumerated() {
            try session.prepare("naive\(index)", sql, types: [.int8, .text])
        }
        let count = 3_000
        let start = ContinuousClock.now
        for number in 0..<count {
            var parameters = Parameters()
            parameters.append(Int64(number))
            parameters.append("order-\(number / 8)")
            try session.run("BEGIN")
            for index in statements.indices { _ = try session.query(.prepared("naive\(index)"), parameters) }
            try session.run("COMMIT")
        }
        let time = ContinuousClock.now - start
        table.add(
            Row(
                name: "for comparison: one transaction of INSERT and upsert per event, beside 300,000 events/s",
                ours: Row.perSecond(count, time), floor: "300,000/s", ratio: Double(count) / time.seconds / 300_000,
                target: .none))
    }
}

/// Matches commits with the times of the appends they make visible.
final class HeadWatch: ProjectionObserver {
    private struct State {
        var appended: [TopicPartition: [(offset: Int64, at: ContinuousClock.Instant)]] = [:]
        var early: [TopicPartition: (next: Int64, at: ContinuousClock.Instant)] = [:]
        var delays: [Duration] = []
        var waits: [BatchWaits] = []
        var open = 0
    }

    private let state = Mutex(State())

    var delays: [Duration] { state.withLock { $0.delays } }
    /// Of each batch.
    var waits: [BatchWaits] { state.withLock { $0.waits } }

    func appended(_ positions: [RecordPosition]) {
        let now = ContinuousClock.now
        state.withLock { state in
            for position in positions {
                // A commit may be told before the append that it makes visible returns.
                if let early = state.early[position.source], early.next > position.offset {
                    state.delays.append(.zero)
                } else {
                    state.appended[position.source, default: []].append((position.offset, now))
                    state.open += 1
                }
            }
        }
    }

    func committed(_ commits: [ProjectionCommit]) {
        let now = ContinuousClock.now
        state.withLock { state in
            for commit in commits {
                for source in commit.vector.sources where source.topic == TopicCatalog.orderEvents.name {
                    let next = commit.vector[source]?.next ?? 0
                    state.early[source] = (next, now)
                    while let first = state.appended[source]?.first, first.offset < next {
                        state.appended[source]?.removeFirst()
                        state.delays.append(now - first.at)
                        state.open -= 1
                    }
                }
            }
        }
    }

    func waited(_ waits: BatchWaits) { state.withLock { $0.waits.append(waits) } }

    func allSeen() async {
        while state.withLock({ $0.open }) > 0 { await Task.yield() }
    }

    func noted(_ note: ProjectionNote) { print("note: \(note.kind) \(note.text)") }
    func parked(_ row: ParkedRow, of unit: UnitName) async {}
}
