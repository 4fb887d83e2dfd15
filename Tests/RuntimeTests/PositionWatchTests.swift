import Core
import Domain
import Ingest
import Synchronization
import Telemetry
import TestSupport
import Testing
import Threading

@testable import Runtime

@Suite struct `A lost position of a feed` {
    private let registry = Registry()
    private let log = MemoryLog()
    private static let source = TopicPartition(TopicCatalog.tradeUpdates.name, 0)

    private func set(_ next: Int64) async throws {
        let position = ConsumerPosition(consumer: "torghut.order-feed", source: Self.source, next: next, anchor: nil)
        _ = try await log.writer(named: "somebody").append(Append([], positions: [position]))
    }

    private func isLost() -> Bool { registry.render().contains("torghut_order_feed_position_lost{part=\"feed\"} 1") }

    /// The feed began at 0, read to 100, and then its topic was made anew: the person's answer is 0 once more.
    @Test func `is found again when it is set to where the feed began`() async throws {
        try await log.create(TopicCatalog.specs)
        try await set(0)
        let time = SystemTime()
        let house = House(
            settings: try Settings(log: "journal:nowhere", environment: [:]), log: log,
            logbook: Logbook(time: time) { _ in }, registry: registry, time: time)
        let readings = FeedReadings(log, topics: [Self.source.topic], group: nil)
        let turns = Turns()
        let work = Task { [self] in
            try await PositionWatch(house, part: "feed", log: log).guarding(readings) {
                guard turns.count.add(1, ordering: .relaxed).newValue == 1 else { return }
                try await set(100)
                throw LogError(.read, .positionOutOfRange(Self.source, asked: 100, Bounds(begin: 0, end: 3)))
            }
        }
        defer { work.cancel() }
        try await eventually("a position that is lost") { isLost() }
        try await set(0)
        try await eventually("another turn", within: .seconds(20)) { turns.count.load(ordering: .relaxed) == 2 }
        try await work.value
        #expect(!isLost())
    }

    private final class Turns: Sendable {
        let count = Atomic(0)
    }
}
