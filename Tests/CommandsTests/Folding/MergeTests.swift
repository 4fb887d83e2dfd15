import Commands
import Core
import Domain
import Folding
import TestSupport
import Testing
import Wire

@Suite struct `Following the log` {
    static let sources = [
        TopicCatalog.control, TopicCatalog.account, TopicCatalog.canary, TopicCatalog.orderIntents,
        TopicCatalog.route, TopicCatalog.orderEvents,
    ].flatMap { topic in (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) } }

    static func reading() -> EventReading {
        EventReading(
            wanting: Set([EventFamily.control, .account, .canary, .intents, .route, .orderEvents].flatMap(\.types)))
    }

    private func told(_ seed: UInt64, holes: Bool = false) async throws -> MemoryLog {
        let log = MemoryLog(holes: holes)
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "teller")
        let records = StoryTeller.records(StoryTeller.Settings(seed: seed, orders: 40))
        var start = 0
        while start < records.count {
            _ = try await writer.append(Append(Array(records[start..<min(start + 50, records.count)])))
            start += 50
        }
        return log
    }

    private struct Followed {
        var places: [RecordPosition] = []
        var moments: [Int64] = []
    }

    private func follow(_ log: any EventLog, _ limits: FollowerLimits) async throws -> Followed {
        let follower = try await LogFollower.open(log, Self.sources, limits, reading: { Self.reading() })
        var found = Followed()
        while !follower.isCaughtUp {
            let batch = try await follower.next(waiting: .seconds(5))
            for record in batch {
                found.places.append(batch.position(of: record))
                found.moments.append(record.ingestTime.nanoseconds)
            }
        }
        await follower.close()
        return found
    }

    /// P4: the order in which a fold takes records is a matter of the records alone.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `brings partitions into one order, whatever is read at once and held`(seed: UInt64) async throws {
        let log = try await told(seed, holes: seed % 2 == 0)
        let whole = try await follow(log, FollowerLimits())
        #expect(!whole.places.isEmpty)
        for (records, held) in [(1, 1), (7, 3), (64, 10), (5, 100_000)] {
            var limits = FollowerLimits()
            limits.maximumBatchRecords = records
            limits.maximumHeldRecords = held
            let found = try await follow(log, limits)
            #expect(found.places == whole.places, "seed \(seed), \(records) read at once, \(held) held")
        }
        // Nothing is missing, each partition keeps its order, and all go by time.
        for (source, places) in Dictionary(grouping: whole.places, by: \.source) {
            #expect(places == places.sorted())
            let records = try await log.all(try #require(TopicCatalog.topic(named: source.topic)))
            #expect(places.count == records.count { $0.position.source == source })
        }
        var latest: [TopicPartition: Int64] = [:]
        var last = Int64.min
        for (place, moment) in zip(whole.places, whole.moments) {
            let key = max(moment, latest[place.source] ?? .min)
            latest[place.source] = key
            #expect(key >= last)
            last = key
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `goes on behind what it handed out, anchors and all`(seed: UInt64) async throws {
        let log = try await told(seed, holes: true)
        let whole = try await follow(log, FollowerLimits())
        var limits = FollowerLimits()
        limits.maximumBatchRecords = 9
        limits.maximumHeldRecords = 40
        var found: [RecordPosition] = []
        var vector = FoldVector()
        var isCaughtUp = false
        // A new follower after each batch.
        while !isCaughtUp {
            let follower = try await LogFollower.open(
                log, Self.sources, at: vector, limits, reading: { Self.reading() })
            let batch = try await follower.next(waiting: .seconds(5))
            found += batch.map { batch.position(of: $0) }
            (vector, isCaughtUp) = (follower.vector, follower.isCaughtUp)
            await follower.close()
        }
        #expect(found == whole.places, "seed \(seed)")
    }

    @Test func `goes on as the log does, and knows when it has read a partition to its end`() async throws {
        let floor = try await TradingFloor()
        let control = TopicPartition(TopicCatalog.control.name, 0)
        let follower = try await LogFollower.open(floor.log, [control], reading: { Self.reading() })
        let first = try await follower.next(waiting: .seconds(1))
        #expect(first.isEmpty && follower.isCaughtUp)
        var isAtEnd = try await follower.isAtEnd(of: control)
        #expect(isAtEnd)
        try await floor.open()
        isAtEnd = try await follower.isAtEnd(of: control)
        #expect(!isAtEnd)
        let second = try await follower.next(waiting: .seconds(5))
        #expect(second.count == 2)
        isAtEnd = try await follower.isAtEnd(of: control)
        #expect(isAtEnd)
        await follower.close()
    }

    @Test func `hands out what it cannot read, and on control also what it does not know`() async throws {
        let floor = try await TradingFloor()
        var encoder = EventEncoder()
        let known = floor.event(.control(.laneEnabled(LaneEnabled(order: TradingFloor.order(), lane: .execution))))
        let text = String(decoding: encoder.encode(known), as: UTF8.self)
        let unknown = text.replacing("control.lane_enabled", with: "control.halt_everything")
        let later = text.replacing(#""version":1"#, with: #""version":9"#)
        #expect(unknown != text && later != text)
        for topic in [TopicCatalog.control, TopicCatalog.account] {
            try await floor.append(
                ["{", unknown, later, text].map {
                    NewRecord(topic: topic.name, partition: 0, value: Array($0.utf8))
                } + [NewRecord(topic: topic.name, partition: 0, value: nil)])
        }
        let sources = [TopicCatalog.control, TopicCatalog.account].map { TopicPartition($0.name, 0) }
        let follower = try await LogFollower.open(floor.log, sources, reading: { Self.reading() })
        let batch = try await follower.next(waiting: .seconds(5))
        let refused = batch.filter { if case .unreadable = $0.content { true } else { false } }
        let offsets = { (topic: CatalogTopic) in
            refused.filter { batch.source(of: $0).topic == topic.name }.map(\.offset)
        }
        // On the account's topic the order that control would obey is none.
        #expect(offsets(TopicCatalog.control) == [0, 1, 2, 4] && offsets(TopicCatalog.account) == [0, 2, 3, 4])
        await follower.close()
    }

    @Test func `refuses a log whose head is gone`() async throws {
        let log = MemoryLog()
        let floor = try await TradingFloor(log)
        try await floor.open()
        let control = TopicPartition(TopicCatalog.control.name, 0)
        log.forget(control, before: 1)
        await #expect(throws: LogError.self) {
            _ = try await LogFollower.open(log, [control], reading: { Self.reading() })
        }
    }
}
