import Bus
import Core
import Domain
import Kafka
import Postgres
import Projections
import ProjectionsTestSupport
import TestSupport
import Wire

/// All read models at once, with their real keys and indexes; from Kafka; and at greater lengths.
enum FoldEverything {
    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("everything")
        let bench = try FoldBench()
        try await allModels(scratch, bench, into: &table)
        try await fromKafka(bench, into: &table)
        try await lengths(scratch, bench, into: &table)
        try scratch.remove()
        try bench.postgres.stop()
    }

    private static func allModels(_ scratch: Scratch, _ bench: FoldBench, into table: inout Table) async throws {
        let log = JournalLog("\(scratch.path)/stories")
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "bench")
        var encoder = EventEncoder()
        var (records, count): ([NewRecord], Int) = ([], 0)
        let settings = StoryTeller.Settings(orders: 40_000, symbols: 200, accounts: 2, open: 5_000, isPlain: true)
        for event in StoryTeller(settings) {
            records.append(encoder.record(event))
            count += 1
            if records.count == 5_000 {
                try await writer.append(Append(records))
                records.removeAll(keepingCapacity: true)
            }
        }
        if !records.isEmpty { try await writer.append(Append(records)) }
        let standing = Catalog.all.map { StandingProjection($0, version: 1) }
        var ready: [ReadyBatches] = []
        for lane in 0..<2 {
            let partitions = (0..<12).filter { $0 % 2 == lane }.map(Int32.init)
            ready.append(try await ReadyBatches(log, standing, partitions: partitions, bench.limits))
        }
        let alone = try bench.database()
        _ = try await Projector(log: log, database: alone.settings, owner: "bench", observer: Quiet())
            .prepare(Catalog.all)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for share in ready {
                group.addTask { _ = try await share.write(to: alone.settings, bench.limits) }
            }
            try await group.waitForAll()
        }
        let floor = ContinuousClock.now - start
        withExtendedLifetime(alone) {}
        let live = try await bench.live(log, Catalog.all, lanes: 2, in: try bench.database())
        table.add(
            Row(
                name:
                    "all \(Catalog.all.count) projections, eight events an order over four topics, beside Postgres alone",
                ours: Row.perSecond(count, live.time), floor: Row.perSecond(count, floor),
                ratio: live.time.seconds / floor.seconds, target: .none))
        await log.close()
    }

    /// The mock broker keeps some 5 MB of each partition, so the log is as long as its partitions hold.
    private static func fromKafka(_ bench: FoldBench, into table: inout Table) async throws {
        let cluster = try KafkaDevCluster(brokers: 1)
        for topic in TopicCatalog.specs { try cluster.create(topic: topic.name, partitions: topic.partitions) }
        let log = try KafkaLog(KafkaSettings(bootstrap: cluster.bootstrap))
        let writer = try await log.writer(named: "bench")
        var mix = MixLog(seed: 11)
        let count = 80_000
        for _ in 0..<count / 5_000 { try await writer.append(Append(try mix.records(5_000))) }
        var times: [Duration] = []
        for _ in 0..<5 {
            times.append(
                try await bench.live(log, [OrderMix.self], lanes: 2, in: try bench.database()).time)
        }
        let time = times.sorted()[2]
        table.add(
            .figure(
                "live fold of the two-table mix from Kafka (librdkafka's mock broker, \(Row.grouped(count)) events), 2 connections",
                Double(count) / time.seconds, text: Row.perSecond(count, time), beside: 250_000, floor: "250,000/s"))
        await log.close()
        cluster.close()
    }

    private static func lengths(_ scratch: Scratch, _ bench: FoldBench, into table: inout Table) async throws {
        var first: Double?
        for millions in [1, 5, 20] {
            let events = millions * 1_000_000
            let log = try await MixLog.journal("\(scratch.path)/mix\(millions)", events: events)
            let live = try await bench.live(log, [OrderMix.self], lanes: 2, in: try bench.database())
            let cost = live.processor / Double(millions)
            table.add(
                Row(
                    name: "our processor time per event at \(millions) million events, beside that at one",
                    ours: "\(Row.short(cost)) µs", floor: "\(Row.short(first ?? cost)) µs",
                    ratio: cost / (first ?? cost), target: .atMost(1.2)))
            first = first ?? cost
            await log.close()
            try scratch.clear("mix\(millions)")
        }
        let peak = try FoldBench.peakMegabytes()
        table.add(
            Row(
                name: "peak memory of this process after 20 million events, beside 2 GiB", ours: "\(peak) MiB",
                floor: "2048 MiB", ratio: Double(peak) / 2_048, target: .atMost(1)))
    }
}
