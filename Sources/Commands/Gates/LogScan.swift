public import Core
public import Domain
public import Folding

/// Reads partitions from their first records to what is their end when it begins.
public enum LogScan {
    /// Answers what could not be read.
    @discardableResult
    public static func read(
        _ log: any EventLog, _ sources: [TopicPartition], wanting types: Set<EventType>,
        _ take: (Event, RecordPosition) -> Void
    ) async throws(LogError) -> [Unreadable] {
        let follower = try await LogFollower.open(log, sources) { EventReading(wanting: types) }
        var unread: [Unreadable] = []
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp {
                let batch = try await follower.next(waiting: .milliseconds(200))
                for record in batch {
                    switch record.content {
                    case .fact(let event): take(event, batch.position(of: record))
                    case .unreadable(let fault): unread.append(fault)
                    }
                }
                if Task.isCancelled { throw LogError(.read, .timedOut("cancelled before the end was read")) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        return unread
    }

    public static func partitions(_ topics: [CatalogTopic]) -> [TopicPartition] {
        topics.flatMap { topic in (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) } }
    }
}

extension LogPosition {
    /// A record's own place.
    public init(of place: RecordPosition) { self.init(place) }
}
