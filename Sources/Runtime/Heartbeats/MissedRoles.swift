internal import Core
internal import Domain
internal import Telemetry
internal import Wire

/// Says the last words of roles that are missed again, before the log lets go of them.
///
/// Heartbeats are kept for an hour. A role that was killed is missing until it ends in order or another does its work,
/// and whoever starts after that hour has to hear of it too. The word stays that of its moment: who folds it sees when
/// the role was last heard, and not when this was said again.
actor MissedRoles {
    static let every: Duration = .seconds(300)
    /// Well before they are let go of, and not at once: most roles that fall silent are replaced.
    static let age: Duration = .seconds(1_200)

    private let house: House
    private let log: LogSight
    /// When each was last said again here.
    private var said: [String: Timestamp] = [:]

    init(_ house: House, _ log: LogSight) {
        self.house = house
        self.log = log
    }

    /// Until cancelled; what the log does not take now is said the next time.
    func run() async {
        while !Task.isCancelled {
            // Cancelled: nobody waits any more.
            do { try await Task.sleep(for: Self.every) } catch { return }
            do throws(LogError) { try await sayAgain() } catch {
                house.logbook.warning("missed_roles_not_said", ["why": .failure(error)])
            }
        }
    }

    /// Answers how many were said again.
    @discardableResult
    func sayAgain() async throws(LogError) -> Int {
        let now = house.time.now()
        let seen = log.now
        guard seen.readAt != nil else { return 0 }
        let missed = seen.roles.standings(at: now).filter { standing in
            standing.isSilent && !standing.isReplaced && now.since(standing.seenAt) >= Self.age
                && said[Self.name(standing)].map { now.since($0) >= Self.age } ?? true
        }
        guard !missed.isEmpty else { return 0 }
        var encoder = EventEncoder()
        var records: [NewRecord] = []
        // The log stamps them with the moment of the append, and keeps them for as long as any that comes now.
        for standing in missed { records.append(encoder.record(Self.event(standing, at: now))) }
        let writer = try await house.log.writer(named: "torghut.missed.\(house.process)")
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            try await writer.append(Append(records))
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await writer.close()
        try outcome.get()
        for standing in missed { said[Self.name(standing)] = now }
        return missed.count
    }

    private static func name(_ standing: RoleStanding) -> String {
        "\(standing.role.rawValue) \(standing.process.text)"
    }

    private static func event(_ standing: RoleStanding, at now: Timestamp) -> Event {
        let beat = HeartbeatRecorded(
            process: standing.process, role: standing.role, state: standing.said, startedAt: standing.startedAt,
            lastProgressAt: standing.lastProgressAt, idleProved: standing.idleProved, progress: standing.progress,
            configHash: standing.policyHash)
        let id = EventMint.eventID(
            .outside(source: "heartbeat", key: "\(name(standing))/again/\(now.nanoseconds)"))
        let envelope = Envelope(
            eventID: id, eventTime: standing.seenAt, ingestTime: standing.seenAt,
            source: SourceName(trusted: "torghut"),
            correlation: StoryID(high: id.high, low: id.low))
        return Event(envelope, .heartbeats(.heartbeatRecorded(beat)))
    }
}
