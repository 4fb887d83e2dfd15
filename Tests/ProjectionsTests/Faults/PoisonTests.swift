import Core
import Domain
import ProjectionsTestSupport
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Projections

/// A log in which some records cannot be folded and operators say what becomes of them, before or after the record.
struct PoisonedLog {
    let rig: Rig
    private var events: MixEvents
    private var words: Words
    private var random: SplitMix64
    private var encoder = EventEncoder()
    private(set) var records = 0
    private(set) var poisoned: [RecordPosition] = []

    init(_ rig: Rig, seed: UInt64) {
        self.rig = rig
        events = MixEvents(seed: seed)
        words = Words(seed: seed)
        random = SplitMix64(seed: seed)
    }

    /// One record in `rarity` is poison; a word about one comes now and then, also before it and more than once.
    mutating func append(_ count: Int, orders: Int, rarity: UInt64) async throws {
        for _ in 0..<count {
            let order = Int(random.next() % UInt64(orders))
            let good = encoder.record(try events.event(of: order))
            if random.next() % rarity == 0 {
                try await appendPoison(like: good, order)
            } else {
                try await rig.writer.append(Append([good]))
            }
            records += 1
            if random.next() % (rarity / 2 + 1) == 0, !poisoned.isEmpty {
                let old = poisoned[Int(random.next() % UInt64(poisoned.count))]
                try await say(about: old, patch: good.value ?? [])
            }
        }
    }

    private mutating func appendPoison(like good: NewRecord, _ order: Int) async throws {
        var bad = good
        let value = good.value ?? []
        bad.value = [nil, [], Array(value.prefix(60)), [0, 0xFF] + value][Int(random.next() % 4)]
        let key = try #require(good.key)
        let source = TopicPartition(good.topic, Murmur2Partitioner.partition(forKey: key, of: 12))
        let end = try await rig.log.bounds(of: [source])[source]?.end ?? 0
        if random.next() % 4 == 0 {
            try await say(about: RecordPosition(source, end), patch: encoder.record(try events.event(of: order)).value ?? [])
        }
        let place = try await rig.writer.append(Append([bad]))[0]
        #expect(place == RecordPosition(source, end))
        poisoned.append(place)
    }

    private mutating func say(about record: RecordPosition, patch: [UInt8]) async throws {
        let kind = Words.Kind.allCases[Int(random.next() % 3)]
        let word = try words.event(kind, about: record, of: "order_mix", patch: patch)
        try await rig.writer.append(Append([encoder.record(word)]))
    }
}

extension Rig {
    /// Nothing lost, nothing twice, and nothing out of order while some keys wait.
    func checkPoisoned(_ log: PoisonedLog, _ note: Comment) throws {
        try checkRoots(note)
        #expect(
            try rows(
                """
                SELECT count(*) FROM (
                    SELECT log_partition, log_offset FROM mix_steps
                    UNION SELECT log_partition, source_offset FROM order_mix_parked) told
                """) == ["\(log.records)"], note)
        #expect(try rows("SELECT count(*) - count(DISTINCT (log_partition, log_offset)) FROM mix_steps") == ["0"], note)
        // A key has one record that holds it up, before all that wait and behind all that were folded.
        #expect(
            try rows(
                """
                SELECT source_partition, source_offset FROM order_mix_parked waiting
                WHERE state IN ('parked', 'deferred') AND (state = 'deferred') <> EXISTS (
                    SELECT FROM order_mix_parked head WHERE head.state = 'parked'
                        AND head.record_key = waiting.record_key AND head.log_partition = waiting.log_partition
                        AND head.source_offset < waiting.source_offset)
                """) == [], note)
        #expect(
            try rows(
                """
                SELECT steps.log_offset FROM mix_steps steps JOIN order_mix_parked head
                    ON head.state = 'parked' AND head.log_partition = steps.log_partition
                    AND convert_from(head.record_key, 'UTF8') = steps.symbol AND steps.log_offset > head.source_offset
                """) == [], note)
        #expect(
            try rows(
                """
                SELECT kept.client_order_id FROM mix_orders kept JOIN (
                    SELECT DISTINCT ON (client_order_id) * FROM mix_steps ORDER BY client_order_id, log_offset DESC
                ) told USING (client_order_id)
                WHERE (told.status, told.filled_qty, told.avg_fill_price) IS DISTINCT FROM
                    (kept.status, kept.filled_qty, kept.avg_fill_price)
                """) == [], note)
    }
}

@Suite struct `A poison storm` {
    /// P1, P3, P4: the same rows whatever the batches were, wherever it was cut, and by whoever folded.
    @Test func `parks keys and gives the same rows however it is folded`() async throws {
        let seed = Storm.seed
        let rig = try await Rig(log: MemoryLog(holes: true))
        var log = PoisonedLog(rig, seed: seed)
        try await log.append(600, orders: 120, rarity: 20)
        try await rig.whileRunning { _ in try await rig.untilFolded(within: .seconds(15)) }
        try rig.checkPoisoned(log, "seed \(seed)")
        let states = try rig.rows("SELECT DISTINCT state FROM order_mix_parked ORDER BY 1")
        #expect(states == ["deferred", "parked", "patched", "skipped"], "seed \(seed)")
        let wanted = try rig.contents()
        for (records, headRows) in [(1, 1_000_000), (5, 0), (60, 1_000_000)] {
            var other = try Rig(beside: rig)
            (other.limits.maximumBatchRecords, other.limits.headRows) = (records, headRows)
            let cut = other
            let ambush = Ambush { try cut.cutAllSessions() }
            if records > 1 { ambush.lay(at: .begun, 4) }
            try await other.whileRunning(ambush.probe) { _ in try await other.untilFolded() }
            #expect(try other.contents() == wanted, "\(records) records, \(headRows) at the head, seed \(seed)")
        }
    }

    /// A newer program reads what an older one could not; a second release changes nothing, and order is kept.
    @Test func `ends for a key that is released, and a second release does nothing`() async throws {
        let rig = try await Rig([EveryColumn.self])
        defer { EveryColumn.refused.withLock { $0 = nil } }
        EveryColumn.refused.withLock { $0 = "newer" }
        var events = EveryEvents(seed: Storm.seed)
        var encoder = EventEncoder()
        var words = Words(seed: 1)
        let record = encoder.record(try events.next(detectedBy: "newer"))
        let poison = try await rig.writer.append(Append([record]))[0]
        try await rig.append([try events.next(), try events.next(of: 2), try events.next()])
        try await rig.catchUp()
        let states = "SELECT state, count(*) FROM every_column_parked GROUP BY 1 ORDER BY 1"
        #expect(try rig.rows(states) == ["deferred|2", "parked|1"])
        func release() async throws {
            try await rig.append([try words.event(.release, about: poison, of: "every_column")])
            try await rig.catchUp()
        }
        // The same program as before refuses it again.
        try await release()
        #expect(try rig.rows(states) == ["deferred|2", "parked|1"])
        EveryColumn.refused.withLock { $0 = nil }
        try await release()
        #expect(try rig.rows(states) == [])
        #expect(try rig.rows("SELECT count(*), count(DISTINCT id), max(events) FROM every_columns") == ["4|4|1"])
        let after = try rig.contents().filter { !$0.hasPrefix("every_column|") }
        try await release()
        #expect(try rig.contents().filter { !$0.hasPrefix("every_column|") } == after)
        try rig.checkRoots("released twice")
    }
}
