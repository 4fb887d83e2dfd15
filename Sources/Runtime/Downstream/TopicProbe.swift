internal import Core
internal import Domain

/// Whether every topic of the catalog is there with its partitions, and how old its last record is.
///
/// A topic on which nothing happened is not ill: markets close. What has to be fresh is said by whoever asks.
enum TopicProbe {
    /// So far clocks may differ.
    static let skew: Duration = .seconds(60)

    static func look(
        _ log: any EventLog, fresh: [String: Duration], at now: Timestamp
    ) async throws -> (lines: [DownstreamLine], present: [CatalogTopic]) {
        let described = try await log.describe()
        let found = Dictionary(described.map { ($0.name, $0) }) { first, _ in first }
        let present = TopicCatalog.all.filter { topic in
            found[topic.name].map { $0.partitions == topic.spec.partitions } ?? false
        }
        let sources = present.flatMap { topic in (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) } }
        let tails = try await LogTally.tails(of: sources, in: log)
        let lines = TopicCatalog.all.map { topic -> DownstreamLine in
            guard let there = found[topic.name] else {
                return .no(.topic, topic.name, "it is missing", next: "torghut topics plan, then apply")
            }
            guard there.partitions == topic.spec.partitions else {
                return .no(
                    .topic, topic.name,
                    "it has \(there.partitions) partitions, and is meant to have \(topic.spec.partitions)",
                    next: "torghut topics verify")
            }
            return judge(topic.name, tails.lastAt(of: topic.name), fresh[topic.name], now)
        }
        return (lines, present)
    }

    private static func judge(
        _ topic: String, _ last: Timestamp?, _ limit: Duration?, _ now: Timestamp
    ) -> DownstreamLine {
        if let last, last.since(now) > skew {
            return .no(
                .topic, topic, "its last record is of \(last.since(now).wholeSeconds) s after now",
                next: "whose clock is wrong: this machine's, or the one that wrote it?")
        }
        let says = last.map { "last record \(max(.zero, now.since($0)).wholeSeconds) s ago" } ?? "empty"
        guard let limit else { return .ok(.topic, topic, says) }
        guard let last, now.since(last) <= limit else {
            return .no(
                .topic, topic, "\(says), and one was to come within \(limit.wholeSeconds) s",
                next: "torghut roles: who writes it, and does he work?")
        }
        return .ok(.topic, topic, says)
    }
}
