public import Core

/// What a following archiver must keep up with, and how often it has to look.
public struct ArchiveSchedule: Sendable, Equatable {
    /// Partitions of every topic that is not kept forever.
    public let sources: [TopicPartition]
    /// The shortest time one of these topics keeps its records; `nil` when only size limits them.
    public let shortestRetention: Duration?

    public init(for topics: [TopicDescription]) {
        let finite = topics.filter { Self.forgets($0) }
        sources = finite.flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }.sorted()
        shortestRetention = finite.compactMap { Self.limit("retention.ms", of: $0) }.min().map { .milliseconds($0) }
    }

    /// The asked time between rounds, made shorter where a topic would forget records before they are archived.
    public func interval(asked: Duration) -> Duration {
        guard let shortestRetention else { return asked }
        return min(asked, shortestRetention / ArchiveLimits.roundsPerRetention)
    }

    /// Whether a topic removes old records at all; one that only compacts keeps the last of each key.
    static func forgets(_ topic: TopicDescription) -> Bool {
        let cleanup = topic.settings["cleanup.policy"] ?? "delete"
        return cleanup.contains("delete")
            && (limit("retention.ms", of: topic) != nil || limit("retention.bytes", of: topic) != nil)
    }

    private static func limit(_ name: String, of topic: TopicDescription) -> Int64? {
        guard let number = topic.settings[name].flatMap({ Int64($0) }), number >= 0 else { return nil }
        return number
    }
}
