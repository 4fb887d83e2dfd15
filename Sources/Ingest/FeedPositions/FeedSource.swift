public import Core
internal import Domain

/// A partition that is read, and where the log keeps how far that is.
public struct FeedSource: Sendable, Hashable {
    public let consumer: String
    /// Where messages are read.
    public let read: TopicPartition
    /// What the position is filed under: a log keeps positions of its own partitions only.
    let filed: TopicPartition

    /// A partition of the log itself.
    static func own(_ source: TopicPartition) -> FeedSource {
        FeedSource(consumer: FeedLife.consumer, read: source, filed: source)
    }

    /// A partition of another cluster, filed by its number under a consumer of the topic's name.
    ///
    /// The other cluster's topics may have other names and more partitions than ours, and Kafka keeps no position of a
    /// partition that it does not have.
    static func foreign(_ source: TopicPartition, of group: String) -> FeedSource {
        let drawer = TopicCatalog.orderEvents.spec
        let (file, number) = source.partition.quotientAndRemainder(dividingBy: drawer.partitions)
        let consumer = "\(group)/\(source.topic)" + (file == 0 ? "" : "#\(file)")
        return FeedSource(consumer: consumer, read: source, filed: TopicPartition(drawer.name, number))
    }

    func position(next: Int64, anchor: Anchor?) -> ConsumerPosition {
        ConsumerPosition(consumer: consumer, source: filed, next: next, anchor: anchor)
    }

    /// Where each of these stands; those that were never read are absent.
    public static func positions(
        of sources: [FeedSource], in log: any EventLog
    ) async throws(LogError) -> [FeedSource: ConsumerPosition] {
        var found: [FeedSource: ConsumerPosition] = [:]
        for consumer in Set(sources.map(\.consumer)).sorted() {
            let mine = sources.filter { $0.consumer == consumer }
            let kept = try await log.positions(of: consumer, in: mine.map(\.filed))
            for source in mine {
                guard let position = kept[source.filed] else { continue }
                found[source] = ConsumerPosition(
                    consumer: consumer, source: source.read, next: position.next, anchor: position.anchor)
            }
        }
        return found
    }
}

/// What a feed reads: partitions of the log itself, or of another cluster.
public struct FeedReadings: Sendable {
    public let log: any EventLog
    public let topics: [String]
    /// `nil`: the log that keeps the positions is the one that is read.
    public let group: String?

    public init(_ log: any EventLog, topics: [String], group: String?) {
        self.log = log
        self.topics = topics
        self.group = group
    }

    /// A topic that a forwarder made may have more partitions than ours.
    public func sources() async throws(LogError) -> [FeedSource] {
        try await log.describe().filter { topics.contains($0.name) }
            .flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }.sorted()
            .map { source in group.map { .foreign(source, of: $0) } ?? .own(source) }
    }
}
