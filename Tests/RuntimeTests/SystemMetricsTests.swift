import Core
import Domain
import Telemetry
import TestSupport
import Testing
import Wire

@testable import Runtime

@Suite struct `The judgement of the system as numbers` {
    private let registry = Registry()
    private let metrics: SystemMetrics
    private let now = SafetyGround.now(100)

    init() { metrics = SystemMetrics(in: registry) }

    private func lines(_ family: String) -> Set<String> {
        Set(registry.render().split(separator: "\n").filter { $0.hasPrefix(family) }.map(String.init))
    }

    private func says(_ line: String) -> Bool { registry.render().contains(line + "\n") }

    private func status(_ beats: [(process: String, role: RoleName, state: RoleState)], isRead: Bool) -> SystemStatus {
        var log = LogEvidence(engine: "journal", address: "nowhere", since: SafetyGround.now(0))
        if isRead { log.readAt = now }
        var evidence = SystemEvidence(log: log)
        for (number, beat) in beats.enumerated() {
            let heard = HeartbeatRecorded(
                process: ProcessName(trusted: beat.process), role: beat.role, state: beat.state,
                startedAt: SafetyGround.now(0), idleProved: true, progress: [],
                configHash: ContentHash((UInt64(number), 0, 0, 0)))
            evidence.roles.fold(heard, at: now)
        }
        return SystemStatus(evidence, at: now)
    }

    @Test func `names each part that is ill, and takes the word back`() {
        metrics.show(status([("a", .router, .degraded), ("b", .gates, .running)], isRead: false))
        #expect(says("torghut_system_well 0"))
        #expect(says(#"torghut_system_faults{kind="role",part="router"} 1"#))
        #expect(says(#"torghut_system_faults{kind="role",part="gates"} 0"#))
        #expect(says(#"torghut_system_faults{kind="log",part="log"} 1"#))
        #expect(says(#"torghut_system_role_state{role="router",state="degraded"} 1"#))
        #expect(says(#"torghut_system_role_state{role="lanes",state="disabled"} 1"#))
        #expect(says("torghut_system_policies 2"))
        #expect(
            lines("torghut_system_leader{") == [
                #"torghut_system_leader{role="gates",process="b"} 1"#,
                #"torghut_system_leader{role="router",process="a"} 1"#,
            ])
        metrics.show(status([("c", .gates, .running)], isRead: true))
        #expect(says("torghut_system_well 1"))
        #expect(says(#"torghut_system_faults{kind="log",part="log"} 0"#))
        #expect(says(#"torghut_system_role_state{role="router",state="degraded"} 0"#))
        #expect(lines("torghut_system_leader{") == [#"torghut_system_leader{role="gates",process="c"} 1"#])
        #expect(says("torghut_system_policies 1"))
    }

    @Test func `counts the reasons against going on, and says nothing of what nobody looked at`() async throws {
        let ground = try await SafetyGround()
        try await ground.append(.control(SafetyGround.kill), at: 1)
        let look = SafetySight.Look(
            safety: try await ground.safety(), position: "", isKnown: true, doubtSince: SafetyGround.now(40),
            divergences: 2)
        metrics.show(look, at: now)
        #expect(says(#"torghut_safety_reasons{what="kill_switch"} 1"#))
        #expect(says(#"torghut_safety_reasons{what="role"} 1"#))
        #expect(says(#"torghut_safety_reasons{what="in_doubt"} 0"#))
        #expect(says("torghut_execution_in_doubt_oldest_seconds 60"))
        #expect(says("torghut_trading_order_ids_diverged 2"))
        var blind = Safety(ground.settings, at: now)
        blind.addUnlooked("it is away")
        metrics.show(
            SafetySight.Look(safety: blind, position: "", isKnown: false, doubtSince: nil, divergences: 0), at: now)
        #expect(lines("torghut_safety_reasons{") == [#"torghut_safety_reasons{what="log"} 1"#])
        #expect(lines("torghut_execution_in_doubt_oldest_seconds").isEmpty)
        #expect(lines("torghut_trading_order_ids_diverged").isEmpty)
    }

    @Test func `ends with who judged`() {
        metrics.show(status([("a", .router, .running)], isRead: true))
        metrics.forget()
        #expect(lines("torghut_system_").isEmpty)
        // And begins again.
        metrics.show(status([], isRead: true))
        #expect(says("torghut_system_well 1"))
        #expect(lines("torghut_system_leader{").isEmpty)
    }
}

@Suite struct `Order ids that diverged` {
    @Test func `are known to whoever judges whether trading can go on`() async throws {
        let ground = try await SafetyGround()
        func open() async throws -> Int {
            try await Safety.fold(ground.log, ground.settings.policy.policy.gates).parity.openDivergences.count
        }
        #expect(try await open() == 0)
        let found = IdsDiverged(
            order: OrderKey(clientOrderID: ClientOrderID(trusted: "order")), divergence: .differentOrderID,
            leanOrderID: BrokerOrderID(trusted: "a"), brokerOrderID: BrokerOrderID(trusted: "b"),
            observed: prose("two ids"))
        try await ground.append(.route(.idsDiverged(found)), at: 5)
        #expect(try await open() == 1)
    }
}
