import Core
import Domain
import ProjectionsTestSupport
import TestSupport
import Testing
import Wire

@testable import Projections

/// A log with holes, with batches of any size and with records that come again.
@Suite struct `What the log gives` {
    /// P4: rows and roots are the same at any batch size, by either way of writing, with rows evicted or not.
    @Test func `is folded to the same rows at any batch size`() async throws {
        let log = MemoryLog(holes: true)
        let first = try await Rig(log: log)
        var events = MixEvents(seed: Storm.seed)
        for _ in 0..<40 { try await first.append(&events, orders: 50, count: 9) }
        try await first.catchUp()
        let wanted = try first.contents()
        try first.checkMix("one batch")
        for (records, headRows, cached) in [
            (1, 1_000_000, 100_000), (7, 0, 3), (7, 1_000_000, 3), (100, 0, 10), (100, 1_000_000, 0), (20_000, 0, 0),
        ] {
            var rig = try Rig(beside: first)
            (rig.limits.maximumBatchRecords, rig.limits.headRows) = (records, headRows)
            rig.limits.maximumCachedRows = cached
            try await rig.catchUp()
            #expect(try rig.contents() == wanted, "\(records) records, \(headRows) rows at the head, \(cached) cached")
        }
    }

    /// Records that nobody wants, and holes alone, move positions too.
    @Test func `moves the position also when nothing in it counts`() async throws {
        let rig = try await Rig(log: MemoryLog(holes: true))
        var events = EveryEvents(seed: Storm.seed)
        try await rig.append(try (0..<100).map { try events.next(of: $0) })
        try await rig.catchUp()
        #expect(try rig.rows("SELECT count(*) FROM mix_steps") == ["0"])
        let ends = try await rig.ends()
        for (unit, vector) in try rig.storedVectors() {
            for source in rig.sources(of: unit) { #expect(vector[source]?.next ?? 0 == ends[source] ?? 0) }
        }
        #expect(try rig.storedVectors().values.contains { !$0.sources.isEmpty })
    }

    /// A projection that is behind makes the reader begin again: for the others every record is an old one.
    @Test func `again is not folded again`() async throws {
        var rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 50, count: 300)
        try await rig.catchUp()
        let before = try rig.contents()
        rig.projections = [OrderMix.self, EveryColumn.self]
        try await rig.catchUp()
        rig.projections = [OrderMix.self]
        #expect(try rig.contents() == before)
        try rig.checkMix("read again")
        // An at-least-once reader: each batch twice.
        var repeated = try Rig(beside: rig)
        repeated.log = RepeatingLog(inner: rig.log)
        repeated.limits.maximumBatchRecords = 50
        try await repeated.catchUp()
        #expect(try repeated.contents() == before)
    }
}

/// A log whose readers give every batch twice.
struct RepeatingLog: EventLog {
    let inner: any EventLog

    private actor Reader: EventReader {
        let inner: any EventReader
        var last: RecordBatch?

        init(_ inner: any EventReader) { self.inner = inner }

        func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
            if let again = last {
                last = nil
                return again
            }
            let batch = try await inner.next(waiting: limit)
            last = batch.isEmpty ? nil : batch
            return batch
        }

        func close() async { await inner.close() }
    }

    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader { Reader(try await inner.reader(from: starts, options)) }

    func describe() async throws(LogError) -> [TopicDescription] { try await inner.describe() }
    func create(_ topics: [TopicSpec]) async throws(LogError) { try await inner.create(topics) }
    func adjust(_ topic: TopicSpec) async throws(LogError) { try await inner.adjust(topic) }
    func delete(_ topic: String) async throws(LogError) { try await inner.delete(topic) }
    func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try await inner.bounds(of: partitions)
    }
    func writer(named name: String) async throws(LogError) -> any EventWriter { try await inner.writer(named: name) }
    func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try await inner.positions(of: consumer, in: partitions)
    }
    func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        try await inner.join(group: group, sharing: topic)
    }
    func close() async { await inner.close() }
}
