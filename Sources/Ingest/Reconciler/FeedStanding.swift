internal import Core
internal import Domain

/// How far the order feed has come: what it has not read yet is no difference.
struct FeedStanding {
    private static let topics = [TopicCatalog.tradeUpdates, TopicCatalog.tradeUpdatesV2]
    private static let sources = topics.flatMap { topic in
        (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
    }

    private let log: any EventLog
    /// What lay there before the broker was asked.
    private let ends: [TopicPartition: Int64]

    /// Of partitions that the feed never read nothing is known: it may read them elsewhere.
    nonisolated(nonsending) static func before(_ log: any EventLog) async throws(LogError) -> FeedStanding {
        let known = try await log.positions(of: FeedLife.consumer, in: sources)
        guard !known.isEmpty else { return FeedStanding(log: log, ends: [:]) }
        let bounds = try await log.bounds(of: known.keys.sorted())
        return FeedStanding(log: log, ends: bounds.mapValues(\.end).filter { $0.value > known[$0.key]?.next ?? 0 })
    }

    private init(log: any EventLog, ends: [TopicPartition: Int64]) {
        self.log = log
        self.ends = ends
    }

    /// Whether something that lay there then is not classified by now.
    nonisolated(nonsending) func isBehind() async throws(LogError) -> Bool {
        guard !ends.isEmpty else { return false }
        let known = try await log.positions(of: FeedLife.consumer, in: ends.keys.sorted())
        for (source, end) in ends.sorted(by: { $0.key < $1.key }) {
            guard let next = known[source]?.next, next < end else { continue }
            if try await holdsRecord(source, next, end) { return true }
        }
        return false
    }

    /// Not every offset is a record: what ends a transaction is never read.
    private nonisolated(nonsending) func holdsRecord(
        _ source: TopicPartition, _ next: Int64, _ end: Int64
    ) async throws(LogError) -> Bool {
        let reader = try await log.reader(from: [source: .offset(next)], ReadOptions(maximumRecords: 1, headers: false))
        let outcome: Result<RecordBatch, LogError>
        do throws(LogError) { outcome = .success(try await reader.next(waiting: .milliseconds(200))) } catch {
            outcome = .failure(error)
        }
        await reader.close()
        return try outcome.get().entries.contains { $0.offset < end }
    }
}
