internal import Bus
public import Core
public import Domain
public import Ingest

/// Where feeds stand, for a person to see and to set: the feed from the log, and the import from another cluster.
public struct FeedDesk: Sendable {
    private let log: any EventLog
    private let feed: OrderFeedSettings
    private let configHash: ContentHash

    public init(_ settings: Settings, _ log: any EventLog) throws(SettingsProblems) {
        self.log = log
        feed = try OrderFeedSettings(settings, process: "cli")
        configHash = settings.policy.configHash
    }

    /// Of each partition: which feed reads it (`feed` or `import`), and how far that is.
    public func rows() async throws -> [(feed: String, row: FeedPositions.Row)] {
        var found: [(feed: String, row: FeedPositions.Row)] = []
        try await each { name, positions in
            for row in try await positions.rows() { found.append((name, row)) }
        }
        return found
    }

    /// Moves a feed, and says so in the same append; answers the next message and where that was said.
    public func set(
        _ name: String, _ source: TopicPartition, to place: FeedPositions.Place, _ order: ControlOrder,
        at moment: Timestamp
    ) async throws -> (next: Int64, said: RecordPosition?) {
        var answer: (next: Int64, said: RecordPosition?)?
        try await each { feed, positions in
            guard feed == name else { return }
            answer = try await positions.set(source, to: place, order, configHash: configHash, at: moment)
        }
        guard let answer else { throw NoSuchFeed(name: name) }
        return answer
    }

    private struct NoSuchFeed: Error, CustomStringConvertible {
        let name: String
        var description: String {
            "there is no feed '\(name)'; there are feed, and import when TRADING_ORDER_FEED_BOOTSTRAP_SERVERS is set"
        }
    }

    private func each(_ body: (String, FeedPositions) async throws -> Void) async throws {
        let own = FeedReadings(log, topics: feed.scope.topics.map(\.name), group: nil)
        try await body("feed", FeedPositions(in: log, of: own))
        guard let foreign = feed.foreign else { return }
        let cluster = try KafkaLog(foreign.kafka)
        let readings = FeedReadings(cluster, topics: foreign.topics.keys.sorted(), group: foreign.group)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body("import", FeedPositions(in: log, of: readings))) } catch {
            outcome = .failure(error)
        }
        await cluster.close()
        try outcome.get()
    }
}
