import Adapters
import Commands
import Core
import Domain
import Folding
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// The canary on a real log, judged by real keepers.
@Suite struct `The canary's gate` {
    private func ground(_ more: [String: String] = [:]) async throws -> GatesGround {
        try await GatesGround(
            [
                "TRADING_LEAN_LIVE_CANARY_ENABLED": "true", "TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY": "false",
                "TRADING_LEAN_LIVE_CANARY_ERROR_RATE_LIMIT": "0.25", "TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE": "4",
                "TRADING_LEAN_LIVE_CANARY_HEARTBEAT_SECONDS": "1", "TRADING_LEAN_BREAKER_MINIMUM_SAMPLE": "100000",
                "TRADING_LEAN_RUNNER_REQUIRE_HEALTHY": "false",
            ].merging(more) { $1 })
    }

    /// Fault 75: of two gates one acts, and the one that takes over knows what was done.
    @Test func `acts once, also when another gate takes over and the first one lives on`() async throws {
        let (ground, place) = (try await ground(), TemporaryFolder())
        let isFenced = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [context = ground.context(in: place.path)] in
                do { try await GateKeeper(context).run() } catch let error as LogError {
                    guard case .fenced = error.reason else { throw error }
                    isFenced.isRaised.withLock { $0 = true }
                }
            }
            for symbol in ["AAPL", "MSFT", "NVDA", "TSLA"] { try await ground.attempt(symbol, fails: true) }
            try await eventually("a stop") { try await !ground.control().stops.isEmpty }
            try await ground.judging {
                try await eventually("the end of the first") {
                    try await ground.attempt(fails: true)
                    return isFenced.isRaised.withLock { $0 }
                }
                let before = try await ground.canary().count
                try await eventually("three more verdicts") { try await ground.canary().count >= before + 6 }
            }
            group.cancelAll()
        }
        let control = try await ground.control()
        #expect(control.stops.count == 1 && control.lanesOff == [.execution])
        let opened = try await ground.canary().compactMap { said -> Label? in
            if case .incidentOpened(let incident) = said { incident.incidentKey } else { nil }
        }
        #expect(Set(opened.map(\.text)) == ["lean_canary:error_rate_exceeded:1"])
        // Anybody computes every one of their verdicts again.
        let (again, faults) = try await ground.computedAgain()
        #expect(faults.isEmpty)
        let said = try await ground.events([TopicPartition(TopicCatalog.canary.name, 0)]).map(\.0).filter {
            $0.content.type == .canary(.canaryJudged)
        }
        #expect(again == said && said.count >= 8, "\(again.count) and \(said.count)")
    }

    /// Faults 72 and 73: neither a crash nor a snapshot forgets what is open, and an operator's word holds.
    @Test func `goes on after a restart where it stood, and hears an operator`() async throws {
        let ground = try await ground()
        try await ground.judging {
            for _ in 0..<4 { try await ground.attempt(fails: true) }
            try await eventually("a stop") { try await !ground.control().stops.isEmpty }
        }
        for _ in 0..<3 {
            let before = try await ground.canary().count
            try await ground.judging {
                try await eventually("more verdicts") { try await ground.canary().count >= before + 4 }
            }
        }
        #expect(try await ground.control().stops.count == 1)
        // Another window remembers another stretch: its verdicts are computed in a pass of their own.
        let before = try await ground.canary().count
        let other = ["TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "600"]
        try await ground.judging(under: ground.policy(other)) {
            try await eventually("verdicts on another window") { try await ground.canary().count >= before + 4 }
        }
        let (again, faults) = try await ground.computedAgain()
        let said = try await ground.events([TopicPartition(TopicCatalog.canary.name, 0)]).map(\.0).filter {
            $0.content.type == .canary(.canaryJudged)
        }
        #expect(faults.isEmpty && again.count == said.count)
        #expect(Set(again.map(\.envelope.eventID)) == Set(said.map(\.envelope.eventID)))
        #expect(try await VerdictReplay.lengths(ground.log).lengths == [.seconds(635), .seconds(935)])
        let now = SystemTime().now()
        let resolved = IncidentResolved(
            incidentKey: Label(trusted: "lean_canary:error_rate_exceeded:1"), breachType: .errorRateExceeded,
            resolution: .accepted, actor: ActorName(trusted: "ann"), reason: try Prose("looked at"), resolvedAt: now)
        try await ground.write(.canary(.incidentResolved(resolved)), "AAPL", 999_999)
        try await ground.judging {
            try await eventually("a verdict without the old facts") {
                try await ground.canary().contains { said in
                    if case .canaryJudged(let verdict) = said {
                        verdict.breachType == .errorRateExceeded && verdict.window.verdict == .inconclusive
                            && verdict.window.windowStart >= now
                    } else {
                        false
                    }
                }
            }
        }
        #expect(try await ground.control().stops.count == 1)
    }

    /// Fault 64: a runner that was replaced by an older version is not well, and it is said why.
    @Test func `takes a runner of another contract for ill, by name`() async throws {
        let broker = try Simulator("alpaca")
        let runner = try Simulator("lean", "--to", broker.address())
        let ground = try await GatesGround([
            "TRADING_LEAN_RUNNER_HEALTH_MAX_AGE_SECONDS": "3", "TRADING_EXECUTION_ADAPTER": "lean",
            "TRADING_LEAN_RUNNER_URL": runner.address(),
        ])
        let adapter = LEANAdapter(LEANSettings(address: runner.address()), time: SystemTime())
        func last() async throws -> RunnerHealthObserved? {
            try await ground.control().compactMap {
                if case .runnerHealthObserved(let seen) = $0 { seen } else { nil }
            }.last
        }
        try await ground.judging([adapter]) {
            try await eventually("a healthy runner") { try await last()?.health == .healthy }
            #expect(try await last()?.contractVersion?.text == "lean-v2")
            try await runner.control("/_sim/health", #"{"contract_version":"lean-v1"}"#)
            try await eventually("an open breaker") { try await ground.verdicts().last?.breakerState == .open }
            let ill = try #require(try await last())
            #expect(ill.health == .unhealthy && ill.contractVersion?.text == "lean-v1")
            #expect(ill.detail?.text == "lean_health_contract_version_lean-v1")
            try await runner.control("/_sim/health", #"{"contract_version":"lean-v2"}"#)
            try await eventually("a half open breaker") {
                try await ground.verdicts().last?.breakerState == .halfOpen
            }
        }
    }
}

extension GatesGround {
    func canary() async throws -> [Canary] {
        try await events([TopicPartition(TopicCatalog.canary.name, 0)]).compactMap { event, _ in
            if case .canary(let said) = event.content { said } else { nil }
        }
    }
}

extension [Control] {
    fileprivate var stops: [EmergencyStopLatched] {
        compactMap { if case .emergencyStopLatched(let stop) = $0 { stop } else { nil } }
    }
    fileprivate var lanesOff: [Lane] { compactMap { if case .laneDisabled(let off) = $0 { off.lane } else { nil } } }
}
