public import Core
public import Domain
public import Folding

/// Reads partitions from their first records to what is their end when it begins.
public enum LogScan {
    /// Answers what could not be read and of which no operator has said anything; what he gave instead is taken.
    @discardableResult
    public static func read(
        _ log: any EventLog, _ sources: [TopicPartition], wanting types: Set<EventType>,
        _ take: (Event, RecordPosition) -> Void
    ) async throws(LogError) -> [Unreadable] {
        let places = Set(sources)
        // Operators speak on control.
        let sources = sources.contains(ControlView.source) ? sources : sources + [ControlView.source]
        let wanted = types.union(SettledReading.words)
        let follower = try await LogFollower.open(log, sources) { EventReading(wanting: wanted) }
        var reading = SettledReading(wanting: types)
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp {
                let batch = try await follower.next(waiting: .milliseconds(200))
                for record in batch {
                    let patch = reading.settle(record.content)
                    if case .fact(let event) = record.content, types.contains(event.content.type) {
                        take(event, batch.position(of: record))
                    }
                    if let patch { take(patch.event, patch.place) }
                }
                if Task.isCancelled { throw LogError(.read, .timedOut("cancelled before the end was read")) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        return reading.faults.filter { places.contains($0.position.source) }
    }

    public static func partitions(_ topics: [CatalogTopic]) -> [TopicPartition] {
        topics.flatMap { topic in (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) } }
    }
}

extension LogPosition {
    /// A record's own place.
    public init(of place: RecordPosition) { self.init(place) }
}
