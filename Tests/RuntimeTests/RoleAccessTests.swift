import Core
import Domain
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Runtime

/// What a role touches beyond what it declares is told, once, and goes on.
@Suite struct `A role's access to the log` {
    private final class Lines: Sendable {
        private let text = Mutex("")
        func add(_ line: [UInt8]) { text.withLock { $0 += String(decoding: line, as: UTF8.self) } }
        var undeclared: Int {
            text.withLock { $0.split(separator: "\n").count { $0.contains("log_access_undeclared") } }
        }
    }

    private struct Clock: TimeSource {
        func now() -> Timestamp { Timestamp(nanoseconds: 1_770_000_000_000_000_000) }
        func uptime() -> Duration { .zero }
    }

    @Test func `is what it declares, or is told`() async throws {
        let (memory, lines, clock) = (MemoryLog(), Lines(), Clock())
        try await memory.create(TopicCatalog.specs)
        let access = try #require(RoleAccess(of: .gates))
        let log = AccessLog(
            log: memory, guardian: AccessGuard(.gates, access, Logbook(time: clock) { lines.add(Array($0)) }))

        let own = try await log.writer(named: "torghut.gates")
        try await own.append(Append([NewRecord(topic: TopicCatalog.canary.name, partition: 0, key: nil, value: [1])]))
        _ = try await log.reader(from: [TopicPartition(TopicCatalog.route.name, 3): .beginning], ReadOptions())
        #expect(lines.undeclared == 0)

        for _ in 0..<2 {
            _ = try await log.reader(from: [TopicPartition(TopicCatalog.quotes.name, 0): .beginning], ReadOptions())
            let foreign = try await log.writer(named: "torghut.router.3")
            try await foreign.append(
                Append([NewRecord(topic: TopicCatalog.route.name, partition: 0, key: nil, value: [1])]))
        }
        #expect(lines.undeclared == 3)
    }

    @Test func `is declared for every role of the catalog`() {
        for role in RoleCatalog.all {
            let access = RoleAccess(of: role.name)
            #expect(access?.reads.contains(TopicCatalog.control) == true, "\(role.name)")
            #expect(access?.writes.contains(TopicCatalog.heartbeats) == true, "\(role.name)")
        }
    }
}
