internal import Core
internal import Domain

/// Which topic goes first of several that name the same moment: causes before what follows from them.
enum FoldOrder {
    private static let ranks = [
        TopicCatalog.control.name, TopicCatalog.account.name, TopicCatalog.canary.name, TopicCatalog.decisions.name,
        TopicCatalog.orderIntents.name, TopicCatalog.route.name, TopicCatalog.orderEvents.name,
    ]

    static func sorted(_ sources: [TopicPartition]) -> [TopicPartition] {
        let rank = { (source: TopicPartition) in ranks.firstIndex(of: source.topic) ?? ranks.count }
        return Set(sources).sorted { left, right in
            rank(left) == rank(right) ? left < right : rank(left) < rank(right)
        }
    }

    static func isStrict(_ source: TopicPartition) -> Bool { source.topic == TopicCatalog.control.name }
}
