internal import Core
internal import Domain
internal import Folding
internal import JSON
internal import Synchronization

/// How far behind every role of every process is, followed from their heartbeats for whoever listens to the stream.
final class LagSight: Sendable {
    private static let types: Set<EventType> = [.heartbeats(.heartbeatRecorded)]
    private static let sources = (0..<TopicCatalog.heartbeats.spec.partitions).map {
        TopicPartition(TopicCatalog.heartbeats.name, $0)
    }

    private let log: any EventLog
    private let time: any TimeSource
    private let sightings = Mutex(RoleSightings())

    init(_ log: any EventLog, _ time: any TimeSource) {
        self.log = log
        self.time = time
    }

    /// Follows until cancelled.
    ///
    /// While the log does not answer nothing is heard of anybody, and after a while every role is unknown.
    func run() async {
        while !Task.isCancelled {
            // The heartbeats that come after it begins anew say all there is to say.
            try? await follow()
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    private func follow() async throws {
        let follower = try await LogFollower.open(
            log, Self.sources, reading: { EventReading(wanting: Self.types) })
        let outcome: Result<Void, any Error>
        do {
            while !Task.isCancelled {
                for record in try await follower.next(waiting: .milliseconds(500)) {
                    // A heartbeat that cannot be read is one that did not come.
                    guard case .fact(let event) = record.content,
                        case .heartbeats(.heartbeatRecorded(let beat)) = event.content
                    else { continue }
                    sightings.withLock { $0.fold(beat, at: event.envelope.ingestTime) }
                }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
    }

    /// Every role that does its work, or should: how it is, and how many records lie before it.
    var text: [UInt8] {
        let now = time.now()
        let standings = sightings.withLock { $0.standings(at: now) }
        var json = JSONWriter()
        json.object { json in
            json.key("at")
            json.string("\(now)")
            json.key("roles")
            json.array { json in
                for standing in standings where !standing.isReplaced && standing.state != .disabled {
                    json.object { json in
                        json.key("role")
                        json.string(standing.role.rawValue)
                        json.key("process")
                        json.string(standing.process.text)
                        json.key("state")
                        json.string(standing.state.rawValue)
                        json.key("events")
                        json.integer(standing.lag)
                        json.key("seen_at")
                        json.string("\(standing.seenAt)")
                    }
                }
            }
        }
        return json.finish()
    }
}
