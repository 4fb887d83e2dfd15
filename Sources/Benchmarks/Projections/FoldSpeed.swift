import Bus
import Core
import Digest
import Domain
import Postgres
import Projections
import ProjectionsTestSupport
import TestSupport

/// Folding behind the log, beside Postgres alone with the same batches: the two-table mix.
enum FoldSpeed {
    static let events = 1_000_000

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("fold")
        let bench = try FoldBench()
        let log = try await MixLog.journal("\(scratch.path)/journal", events: events)
        try await connections(log, bench, into: &table)
        try await rebuild(log, bench, into: &table)
        await log.close()
        try scratch.remove()
        try bench.postgres.stop()
    }

    private static func connections(_ log: JournalLog, _ bench: FoldBench, into table: inout Table) async throws {
        for lanes in [1, 2] {
            var (ours, floors): ([FoldBench.Live], [Duration]) = ([], [])
            for _ in 0..<3 {
                let ready = try await shares(log, bench, lanes)
                floors.append(try await alone(log, bench, ready))
                let database = try bench.database()
                ours.append(try await bench.live(log, [OrderMix.self], lanes: lanes, in: database))
            }
            let mine = ours.sorted { $0.time < $1.time }[1]
            let floor = floors.sorted()[1]
            let name = "live fold of the two-table mix from the journal, \(lanes) connection\(lanes > 1 ? "s" : "")"
            table.add(
                Row(
                    name: "\(name), beside Postgres alone with the same batches",
                    ours: Row.perSecond(events, mine.time), floor: Row.perSecond(events, floor),
                    ratio: mine.time.seconds / floor.seconds, target: .atMost(lanes == 1 ? 1.3 : 1.5)))
            let copies = mine.waits.map(\.copies).max() ?? 0
            table.add(.waits(mine.waits, beside: copies + 2, "of a batch catching up, \(copies) COPYs"))
            if lanes == 2 {
                table.add(
                    .figure(
                        "… events per second on two connections", Double(events) / mine.time.seconds,
                        text: Row.perSecond(events, mine.time), beside: 300_000, floor: "300,000/s"))
            }
            table.add(
                Row(
                    name: "… our own processor time per million events, beside one second",
                    ours: "\(Row.short(mine.processor)) s", floor: "1.00 s", ratio: mine.processor, target: .none))
        }
        let ready = try await shares(log, bench, 1)
        let hashing = ready[0].hashingTime()
        let folding = ready[0].time
        table.add(
            Row(
                name: "… state roots: hashing every row, beside folding it all", ours: "\(hashing.milliseconds) ms",
                floor: "\(folding.milliseconds) ms", ratio: hashing.seconds / folding.seconds, target: .atMost(0.1)))
    }

    /// The batches of each connection, folded and ready.
    private static func shares(_ log: JournalLog, _ bench: FoldBench, _ lanes: Int) async throws -> [ReadyBatches] {
        let standing = [StandingProjection(OrderMix.self, version: 1)]
        var shares: [ReadyBatches] = []
        for lane in 0..<lanes {
            let partitions = (0..<12).filter { $0 % lanes == lane }.map(Int32.init)
            shares.append(try await ReadyBatches(log, standing, partitions: partitions, bench.limits))
        }
        return shares
    }

    private static func alone(_ log: JournalLog, _ bench: FoldBench, _ ready: [ReadyBatches]) async throws -> Duration {
        let database = try bench.database()
        _ = try await Projector(log: log, database: database.settings, owner: "bench", observer: Quiet())
            .prepare([OrderMix.self])
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for share in ready {
                group.addTask { _ = try await share.write(to: database.settings, bench.limits) }
            }
            try await group.waitForAll()
        }
        let time = ContinuousClock.now - start
        withExtendedLifetime(database) {}
        return time
    }

    /// A rebuild, beside a bare COPY of the same rows and the making of the same keys.
    private static func rebuild(_ log: JournalLog, _ bench: FoldBench, into table: inout Table) async throws {
        var (ours, floors): ([Duration], [Duration]) = ([], [])
        for _ in 0..<3 {
            let database = try bench.database()
            let projector = Projector(log: log, database: database.settings, owner: "bench", observer: Quiet())
            _ = try await projector.prepare([OrderMix.self])
            let start = ContinuousClock.now
            _ = try await Rebuild(log: log, database: database.settings, owner: "bench", observer: Quiet())
                .run(OrderMix.self)
            ours.append(ContinuousClock.now - start)
            floors.append(try bareCopy(database))
        }
        let (mine, floor) = (ours.sorted()[1], floors.sorted()[1])
        table.add(
            Row(
                name: "rebuild of the two-table mix, beside a bare COPY and index build of the same rows",
                ours: Row.perSecond(events, mine), floor: Row.perSecond(events, floor),
                ratio: mine.seconds / floor.seconds, target: .atMost(1.5)))
        table.add(
            .figure(
                "… events per second", Double(events) / mine.seconds, text: Row.perSecond(events, mine),
                beside: 600_000, floor: "600,000/s"))
    }

    /// The rebuilt tables copied out, and in again under other names.
    private static func bareCopy(_ database: PrivateDatabase) throws -> Duration {
        var session = try database.session()
        var total = Duration.zero
        for (name, key) in [("mix_steps_v2", "log_partition, log_offset"), ("mix_orders_v2", "client_order_id")] {
            var bytes = CopyFormat.header
            try session.copyOut("COPY \(name) TO STDOUT (FORMAT binary)") { (row: borrowing CopyRow) in
                bytes += row.bytes.copiedBytes()
            }
            bytes += CopyFormat.trailer
            try session.run("CREATE TABLE bare_\(name) (LIKE \(name) INCLUDING DEFAULTS)")
            let start = ContinuousClock.now
            try session.send("COPY bare_\(name) FROM STDIN (FORMAT binary)", copies: [bytes])
            _ = try session.finish()
            try session.run("ALTER TABLE bare_\(name) ADD PRIMARY KEY (\(key)); ANALYZE bare_\(name)")
            total += ContinuousClock.now - start
        }
        return total
    }
}

extension Row {
    /// A figure with a target of its own, as a share of it.
    static func figure(_ name: String, _ ours: Double, text: String, beside wanted: Double, floor: String) -> Row {
        Row(name: name, ours: text, floor: floor, ratio: ours / wanted, target: .atLeast(1))
    }
}

extension Row {
    /// The most waits of any batch, beside what there may be.
    static func waits(_ waits: [BatchWaits], beside most: Int, _ name: String) -> Row {
        let ours = waits.map(\.count).max() ?? 0
        return Row(
            name: "… waits \(name), the most in \(grouped(waits.count)) batches", ours: "\(ours)", floor: "\(most)",
            ratio: Double(ours) / Double(most), target: .atMost(1))
    }
}

extension Duration {
    var milliseconds: Int { Int(seconds * 1_000) }
}
