internal import Core
internal import Domain
internal import Postgres
internal import Synchronization

/// Looks at every part of the system again and again, and judges on demand from what it has: whoever asks never waits.
final class StatusWatch: Sendable {
    static let databaseEvery: Duration = .seconds(2)
    /// The broker counts questions; three fit into the age that an answer may have.
    static let adaptersEvery: Duration = .seconds(4)

    private struct State {
        var database: DatabaseEvidence?
        var adapters: [AdapterEvidence]
    }

    private let house: House
    private let log: LogSight
    private let probe: DatabaseProbe
    private let probes: [AdapterProbe]
    private let state: Mutex<State>
    let startedAt: Timestamp

    init(_ house: House, _ database: PostgresSettings) {
        self.house = house
        log = LogSight(house.log, house.time)
        probe = DatabaseProbe(database, migrations: StatusLook.migrations(house.settings), house.time)
        probes = AdapterProbe.all(house.settings, house.time)
        state = Mutex(State(adapters: probes.map(\.known)))
        startedAt = house.time.now()
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.log.run() }
            group.addTask { await MissedRoles(self.house, self.log).run() }
            group.addTask {
                await Self.repeating(Self.databaseEvery) {
                    let found = await self.probe.look()
                    self.state.withLock { $0.database = found }
                }
            }
            for (place, probe) in probes.enumerated() {
                group.addTask {
                    await Self.repeating(Self.adaptersEvery) {
                        let found = await probe.look()
                        self.state.withLock { $0.adapters[place] = found }
                    }
                }
            }
        }
    }

    private static func repeating(_ pause: Duration, _ body: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            await body()
            // Cancelled: nobody asks any more.
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// Whether the system is stopped, by what this process has read for the status.
    var stop: StopReading {
        let seen = log.now
        return StopReading(house, seen.control.state, provedAt: seen.readAt, isUnread: seen.isUnread)
    }

    var now: SystemStatus {
        let (seen, appends, now) = (log.now, house.appends.now, house.time.now())
        var evidence = StatusLook.evidence(seen, house.settings, since: startedAt)
        evidence.log.isAppending = appends.isUsed
        evidence.log.appendBegan = appends.began
        evidence.log.appendedAt = appends.endedAt
        evidence.log.appendFault = appends.fault
        evidence.log.appendMicroseconds = appends.took.map { Int64($0 / .microseconds(1)) }
        state.withLock { (evidence.database, evidence.adapters) = ($0.database, $0.adapters) }
        return SystemStatus(evidence, at: now)
    }
}
