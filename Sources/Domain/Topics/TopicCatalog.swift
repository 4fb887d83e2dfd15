public import Core

/// Every topic of the house.
///
/// `topics/*.yaml` say the same to a cluster, and a test holds the two together.
///
/// What feeds a read model is kept forever and never compacted, and has its final number of partitions from the start.
public enum TopicCatalog {
    public static let decisions = forever("torghut.decisions.v1", partitions: 12, key: .symbol)
    public static let orderIntents = forever("torghut.order-intents.v1", partitions: 12, key: .symbol)
    public static let route = forever("torghut.route.v1", partitions: 12, key: .symbol)
    public static let orderEvents = forever("torghut.order-events.v1", partitions: 12, key: .symbol)
    public static let account = forever("torghut.account.v1", partitions: 1, key: .accountLabel)
    public static let tradeUpdates = aWeek("torghut.trade-updates.v1", partitions: 3, key: .symbol)
    public static let tradeUpdatesV2 = aWeek("torghut.trade-updates.v2", partitions: 3, key: .symbol)
    public static let quotes = aWeek("torghut.quotes.v1", partitions: 3, key: .symbol)
    public static let leanShadow = forever("torghut.lean.shadow.v1", partitions: 12, key: .symbol)
    public static let strategyShadow = forever("torghut.lean.strategy-shadow.v1", partitions: 3, key: .strategy)
    public static let backtests = forever("torghut.lean.backtests.v1", partitions: 3, key: .backtest)
    public static let canary = forever("torghut.lean.canary.v1", partitions: 1, key: .canary)
    public static let control = forever("torghut.control.v1", partitions: 1, key: .scope)
    public static let quarantine = forever("torghut.quarantine.v1", partitions: 3, key: .source)
    public static let heartbeats = CatalogTopic(
        TopicSpec(
            name: "torghut.heartbeats.v1", partitions: 1, retentionMilliseconds: 3_600_000, cleanup: .compactAndDelete),
        key: .processAndRole)

    public static let all: [CatalogTopic] = [
        decisions, orderIntents, route, orderEvents, account, tradeUpdates, tradeUpdatesV2, quotes, leanShadow,
        strategyShadow, backtests, canary, control, quarantine, heartbeats,
    ]

    public static var specs: [TopicSpec] { all.map(\.spec) }

    public static func topic(named name: String) -> CatalogTopic? { all.first { $0.name == name } }

    private static func forever(_ name: String, partitions: Int32, key: CatalogTopic.Key) -> CatalogTopic {
        CatalogTopic(TopicSpec(name: name, partitions: partitions, retentionMilliseconds: nil), key: key)
    }

    private static func aWeek(_ name: String, partitions: Int32, key: CatalogTopic.Key) -> CatalogTopic {
        CatalogTopic(TopicSpec(name: name, partitions: partitions, retentionMilliseconds: 604_800_000), key: key)
    }
}
