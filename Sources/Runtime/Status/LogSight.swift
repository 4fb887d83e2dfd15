internal import Core
internal import Domain
internal import Folding
internal import Synchronization

/// Follows control and heartbeats to their ends, for whoever judges the system.
final class LogSight: Sendable {
    struct Seen: Sendable {
        var roles = RoleSightings()
        var control = ControlSightings()
        var readAt: Timestamp?
        var fault: String?
        var took: Duration?
        var missingTopics: [String]?
        /// A record of control cannot be read: any may be an order to stop.
        var isUnread = false
    }

    private let log: any EventLog
    private let time: any TimeSource
    private let seen = Mutex(Seen())

    static let sources = [
        TopicPartition(TopicCatalog.control.name, 0), TopicPartition(TopicCatalog.heartbeats.name, 0),
    ]
    static let types = Set(Control.Kind.allCases.map(EventType.control) + [.heartbeats(.heartbeatRecorded)])
    /// Between two looks at the topics.
    static let topicsEvery: Duration = .seconds(10)

    init(_ log: any EventLog, _ time: any TimeSource) {
        self.log = log
        self.time = time
    }

    var now: Seen { seen.withLock { $0 } }

    /// Until cancelled; after a failure it begins anew.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.repeating { try await self.follow(once: false) } }
            group.addTask {
                await self.repeating {
                    try await self.lookAtTopics()
                    try await Task.sleep(for: Self.topicsEvery)
                }
            }
        }
    }

    /// To what is the end now, once.
    func read() async {
        do {
            try await lookAtTopics()
            try await follow(once: true)
        } catch { note(error) }
    }

    private func repeating(_ body: @Sendable () async throws -> Void) async {
        while !Task.isCancelled {
            do { try await body() } catch { note(error) }
            // Cancelled: nobody asks any more.
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    private func note(_ error: any Error) {
        guard !(error is CancellationError) else { return }
        let why = "\(error)"
        seen.withLock { $0.fault = why }
    }

    private func lookAtTopics() async throws {
        let found = Set(try await log.describe().map(\.name))
        let missing = TopicCatalog.specs.map(\.name).filter { !found.contains($0) }
        seen.withLock { $0.missingTopics = missing }
    }

    private func follow(once: Bool) async throws {
        let follower = try await LogFollower.open(
            log, Self.sources, reading: { EventReading(wanting: Self.types) })
        // What was seen stays seen: the topic forgets whoever is silent for an hour, and he is not well for that.
        var (roles, control) = (now.roles, ControlSightings())
        var reading = SettledReading(wanting: Self.types)
        let outcome: Result<Void, any Error>
        do {
            while !Task.isCancelled {
                let (asked, began) = (time.now(), time.uptime())
                for record in try await follower.next(waiting: .milliseconds(250)) {
                    let patch = reading.settle(record.content)
                    if case .fact(let event) = record.content { Self.fold(event, record.offset, &roles, &control) }
                    if let patch { Self.fold(patch.event, patch.place.offset, &roles, &control) }
                }
                guard try await isAtEnd(follower) else { continue }
                let (found, said, took) = (roles, control, time.uptime() - began)
                let isUnread = reading.hasFaults(in: TopicCatalog.control.name)
                seen.withLock { seen in
                    (seen.roles, seen.control, seen.readAt, seen.fault, seen.took) = (found, said, asked, nil, took)
                    seen.isUnread = isUnread
                }
                if once { break }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
    }

    private static func fold(
        _ event: Event, _ offset: Int64, _ roles: inout RoleSightings, _ control: inout ControlSightings
    ) {
        switch event.content {
        case .heartbeats(.heartbeatRecorded(let beat)): roles.fold(beat, at: event.envelope.ingestTime)
        case .control(let word): control.fold(word, event.envelope, at: offset)
        default: break
        }
    }

    private func isAtEnd(_ follower: LogFollower<EventReading>) async throws -> Bool {
        for source in Self.sources where try await !follower.isAtEnd(of: source) { return false }
        return true
    }
}
