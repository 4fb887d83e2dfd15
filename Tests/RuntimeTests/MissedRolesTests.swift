import Core
import Domain
import Synchronization
import Telemetry
import TestSupport
import Testing
import Wire

@testable import Runtime

@Suite struct `A role that was killed` {
    private final class Clock: TimeSource {
        private let seconds = Mutex<Int64>(0)
        func now() -> Timestamp {
            Timestamp(nanoseconds: (1_770_000_000 + seconds.withLock { $0 }) * 1_000_000_000)
        }
        func uptime() -> Duration { .seconds(seconds.withLock { $0 }) }
        func pass(_ more: Int64) { seconds.withLock { $0 += more } }
    }

    private let clock = Clock()
    private let log: MemoryLog
    private let house: House

    init() async throws {
        log = MemoryLog()
        try await log.create(TopicCatalog.specs)
        house = House(
            settings: try Settings(log: "journal:nowhere", environment: [:]), log: log,
            logbook: Logbook(time: clock) { _ in }, registry: Registry(), time: clock)
    }

    private func beat(_ role: RoleName, _ state: RoleState) async throws {
        let beat = HeartbeatRecorded(
            process: ProcessName(trusted: "gone"), role: role, state: state, startedAt: clock.now(), idleProved: true,
            progress: [])
        let id = EventMint.eventID(.outside(source: "test", key: "\(role.rawValue)/\(clock.now())"))
        let envelope = Envelope(
            eventID: id, eventTime: clock.now(), ingestTime: clock.now(), source: SourceName(trusted: "test"),
            correlation: StoryID(high: id.high, low: id.low))
        var encoder = EventEncoder()
        let writer = try await log.writer(named: "gone")
        try await writer.append(
            Append([encoder.record(Event(envelope, .heartbeats(.heartbeatRecorded(beat))))]))
        await writer.close()
    }

    private func sight(_ log: any EventLog) async -> LogSight {
        let sight = LogSight(log, clock)
        await sight.read()
        return sight
    }

    /// The log of somebody who starts when only what was said lately is left.
    private func rest(after offset: Int64) async throws -> MemoryLog {
        let source = TopicPartition(TopicCatalog.heartbeats.name, 0)
        let rest = MemoryLog()
        try await rest.create(TopicCatalog.specs)
        let reader = try await log.reader(from: [source: .offset(offset)], ReadOptions())
        let writer = try await rest.writer(named: "copy")
        let batch = try await reader.next(waiting: .seconds(5))
        for entry in batch.entries {
            try await writer.append(
                Append([
                    NewRecord(
                        topic: source.topic, partition: 0, key: batch.copy(of: entry.key),
                        value: batch.copy(of: entry.value))
                ]))
        }
        await writer.close()
        await reader.close()
        return rest
    }

    @Test func `is missing for whoever starts after its heartbeats are gone, until it ended in order`() async throws {
        try await beat(.router, .running)
        try await beat(.gates, .running)
        try await beat(.gates, .disabled)
        let lastHeard = clock.now()
        clock.pass(60)
        let missed = MissedRoles(house, await sight(log))
        #expect(try await missed.sayAgain() == 0, "most are replaced by then")
        clock.pass(1_200)
        #expect(try await missed.sayAgain() == 1)
        #expect(try await missed.sayAgain() == 0, "once is enough for a while")
        clock.pass(1_200)
        #expect(try await missed.sayAgain() == 1)
        clock.pass(1_500)

        let left = try await sight(rest(after: 4)).now.roles.standings(at: clock.now())
        #expect(left.map(\.role) == [.router], "\(left)")
        let router = try #require(left.first)
        #expect(router.state == .unknown && router.isSilent && router.said == .running && router.seenAt == lastHeard)
    }
}
