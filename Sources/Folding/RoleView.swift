public import Core
public import Domain

/// Reads how every role of every process is from what heartbeats.v1 holds.
public enum RoleView {
    private static let types: Set<EventType> = [.heartbeats(.heartbeatRecorded)]

    /// From the first record that is kept to what is the end when this begins.
    public static func read(_ log: any EventLog) async throws(LogError) -> RoleSightings {
        let topic = TopicCatalog.heartbeats
        let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        let follower = try await LogFollower.open(log, sources, reading: { EventReading(wanting: types) })
        var sightings = RoleSightings()
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp {
                for record in try await follower.next(waiting: .milliseconds(200)) {
                    // A heartbeat that cannot be read is one that did not come.
                    guard case .fact(let event) = record.content else { continue }
                    guard case .heartbeats(.heartbeatRecorded(let beat)) = event.content else { continue }
                    sightings.fold(beat, at: event.envelope.ingestTime)
                }
                if Task.isCancelled { throw LogError(.read, .timedOut("cancelled before the heartbeats were read")) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        return sightings
    }
}
