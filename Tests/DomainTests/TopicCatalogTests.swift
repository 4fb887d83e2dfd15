import Core
import Domain
import Testing

@Suite struct `The topic catalog` {
    /// The table of the design, once more and by hand: name, key, partitions, days kept (0: forever).
    private static let table: [(name: String, key: String, partitions: Int32, milliseconds: Int64?)] = [
        ("torghut.decisions.v1", "symbol", 12, nil),
        ("torghut.order-intents.v1", "symbol", 12, nil),
        ("torghut.route.v1", "symbol", 12, nil),
        ("torghut.order-events.v1", "symbol", 12, nil),
        ("torghut.account.v1", "account_label", 1, nil),
        ("torghut.trade-updates.v1", "symbol", 3, 604_800_000),
        ("torghut.trade-updates.v2", "symbol", 3, 604_800_000),
        ("torghut.quotes.v1", "symbol", 3, 604_800_000),
        ("torghut.lean.shadow.v1", "symbol", 12, nil),
        ("torghut.lean.strategy-shadow.v1", "strategy_id", 3, nil),
        ("torghut.lean.backtests.v1", "backtest_id", 3, nil),
        ("torghut.lean.canary.v1", "canary", 1, nil),
        ("torghut.control.v1", "scope", 1, nil),
        ("torghut.quarantine.v1", "source", 3, nil),
        ("torghut.heartbeats.v1", "process/role", 1, 3_600_000),
    ]

    @Test func `holds the topics of the design and no others`() throws {
        #expect(TopicCatalog.all.map(\.name) == Self.table.map(\.name))
        for row in Self.table {
            let topic = try #require(TopicCatalog.topic(named: row.name))
            #expect(topic.key.rawValue == row.key)
            #expect(topic.spec.partitions == row.partitions)
            #expect(topic.spec.retentionMilliseconds == row.milliseconds)
            #expect(topic.isKeptForever == (row.milliseconds == nil))
        }
    }

    @Test func `what is kept forever is never compacted`() {
        for topic in TopicCatalog.all where topic.isKeptForever {
            #expect(topic.spec.cleanup == .delete, "\(topic.name)")
        }
        #expect(TopicCatalog.heartbeats.spec.cleanup == .compactAndDelete)
    }

    @Test func `topics keyed by symbol that one owner reads whole have equal partitions`() {
        let kept = TopicCatalog.all.filter { $0.key == .symbol && $0.isKeptForever }
        #expect(Set(kept.map(\.spec.partitions)) == [12])
    }

    @Test func `names fit the log's limit`() {
        for topic in TopicCatalog.all {
            #expect(topic.name.utf8.count <= LogLimits.maximumTopicNameBytes)
            #expect(topic.settings.map(\.name) == topic.settings.map(\.name).sorted())
        }
    }
}
