import Core
import NaiveReadModels
import Postgres
import TestSupport
import Testing

@testable import Projections

/// P4: what the product folds is what the naive read models say, whichever way the log is read.
@Suite struct `The folds and the naive read models agree` {
    /// Folds the tale in one order of its partitions, in batches of chance.
    private func fold(
        _ tale: Tale, _ random: inout SplitMix64, reading: Bool, _ projections: [any Projection.Type]
    ) throws -> MemoryFold {
        var fold = MemoryFold(projections)
        var rest = tale.shuffled(by: &random)[...]
        while !rest.isEmpty {
            let batch = rest.prefix(1 + Int(random.next() % 60))
            try fold.fold(batch, reading: reading)
            rest = rest.dropFirst(batch.count)
        }
        return fold
    }

    @Test(arguments: 1...4) func `on lives of orders`(seed: UInt64) throws {
        var random = SplitMix64(seed: Storm.seed &* 1_000 &+ seed)
        let tale = Tale.story(seed: random.next(), orders: 25)
        let fold = try fold(tale, &random, reading: true, ServedProjections.all)
        let differences = tale.naive.differences(in: fold.tables, of: ServedProjections.names)
        #expect(differences.isEmpty, "seed \(seed): \(differences.map(\.description).joined(separator: "\n"))")
    }

    @Test(arguments: 1...12) func `on anything that can be said`(seed: UInt64) throws {
        var random = SplitMix64(seed: Storm.seed &* 1_000 &+ seed)
        let tale = Tale.chaos(seed: seed, events: 60)
        let fold = try fold(tale, &random, reading: true, ServedProjections.all)
        let differences = tale.naive.differences(in: fold.tables, of: ServedProjections.names)
        #expect(differences.isEmpty, "seed \(seed): \(differences.map(\.description).joined(separator: "\n"))")
    }

    /// The same through the engine and the database, with the views that readers see.
    @Test(arguments: [true, false]) func `in Postgres`(isStory: Bool) async throws {
        let rig = try await Rig(ServedProjections.all)
        let tale =
            isStory
            ? Tale.story(seed: Storm.seed, orders: 60, hasHoles: false)
            : Tale.chaos(seed: 2 * Storm.seed + 1, events: 250, hasHoles: false)
        var random = SplitMix64(seed: Storm.seed)
        let records = tale.shuffled(by: &random).map { record in
            NewRecord(
                topic: record.position.source.topic, partition: record.position.source.partition, key: record.key,
                value: record.value, timestamp: record.timestamp)
        }
        _ = try await rig.writer.append(Append(records))
        try await rig.catchUp()
        var session = try rig.database.session()
        let differences = try tale.naive.differences(in: &session)
        #expect(differences.isEmpty, "seed \(Storm.seed): \(differences.map(\.description).joined(separator: "\n"))")
        try session.run(
            """
            UPDATE executions_v1 SET filled_qty = filled_qty + 1
            WHERE ctid = (SELECT min(ctid) FROM executions_v1)
            """)
        #expect(try tale.naive.differences(in: &session, of: ["executions"]).count == 1)
    }

    /// P4: rows depend on the order within each partition, never on how partitions and topics interleave.
    @Test func `for each of two hundred interleavings`() throws {
        var random = SplitMix64(seed: Storm.seed)
        for _ in 0..<20 {
            let tale =
                random.next() % 2 == 0
                ? Tale.story(seed: random.next(), orders: 4) : Tale.chaos(seed: random.next(), events: 30)
            let first = try fold(tale, &random, reading: true, ServedProjections.all)
            let differences = tale.naive.differences(in: first.tables, of: ServedProjections.names)
            #expect(differences.isEmpty, "seed \(Storm.seed): \(differences)")
            for _ in 0..<9 {
                let again = try fold(tale, &random, reading: false, ServedProjections.all)
                #expect(again.roots == first.roots, "seed \(Storm.seed)")
            }
        }
    }
}
