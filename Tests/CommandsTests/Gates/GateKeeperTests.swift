import Adapters
import Commands
import Core
import Domain
import Folding
import Glibc
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `The gates` {
    /// P7: a verdict says what it was computed from, and anybody computes the same from that.
    @Test func `say once when the breaker opens, and anybody who reads as far says the same`() async throws {
        let ground = try await GatesGround()
        try await ground.judging {
            for symbol in ["AAPL", "MSFT", "NVDA", "TSLA"] { try await ground.attempt(symbol, fails: true) }
            try await eventually("an open breaker") { try await !ground.verdicts().isEmpty }
        }
        let verdict = try #require(try await ground.verdicts().first)
        #expect(verdict.breakerState == .open && verdict.breachType == .errorRateExceeded)
        #expect(verdict.window.sample == 4 && verdict.failureTotal == 4)
        let vector = verdict.window.vector.positions
        var fold = BreakerFold()
        for (event, place) in try await ground.events(GatesFold.sources.reversed()) {
            let source = place.source
            let reaches = vector.contains {
                $0.topic.text == source.topic && $0.partition == Int64(source.partition) && place.offset < $0.offset
            }
            let position = LogPosition(
                topic: try TopicName(source.topic), partition: Int64(source.partition), offset: place.offset)
            if reaches { fold.fold(event, at: position, under: ground.inForce.policy.gates) }
        }
        // Partitions in another order: the list of positions may differ, and nothing else does.
        var again = try #require(
            BreakerGate.judge(
                fold, under: ground.inForce.policy.gates, policyHash: ground.inForce.policyHash,
                by: verdict.order.actor, at: verdict.window.evaluatedAt))
        again.window.vector = verdict.window.vector
        #expect(again == verdict)
    }

    @Test func `go on after a restart where they stood, from a snapshot as from the whole log`() async throws {
        let ground = try await GatesGround(["TRADING_LEAN_BREAKER_RETRY_SECONDS": "3600"])
        try await ground.judging {
            for _ in 0..<4 { try await ground.attempt(fails: true) }
            try await eventually("an open breaker") { try await !ground.verdicts().isEmpty }
        }
        for _ in 0..<2 { try await ground.attempt(fails: true) }
        // The second time there is a snapshot, which is behind; the third time none.
        for round in 0..<2 {
            try await ground.judging {
                try await eventually("a snapshot at the end, round \(round)") { try await isAtEnd(ground) }
            }
            let store = ground.context().snapshots
            let kept = try #require(
                try store.load(
                    Guarded<GatesFold>.self, "gates", condition: "\(ground.inForce.policyHash)"))
            var fold = GatesFold()
            for (event, place) in try await ground.events(GatesFold.sources) {
                fold.fold(event, at: place, under: ground.inForce.policy.gates)
            }
            #expect(kept.state.state == fold)
            #expect(try await ground.verdicts().count == 1)
            unsafe unlink(store.path(of: "gates"))
        }
    }

    private func isAtEnd(_ ground: GatesGround) async throws -> Bool {
        let store = ground.context().snapshots
        let kept = try store.load(Guarded<GatesFold>.self, "gates", condition: "\(ground.inForce.policyHash)")
        guard let kept else { return false }
        let bounds = try await ground.log.bounds(of: GatesFold.sources)
        return bounds.allSatisfy { (kept.vector.places[$0.key]?.next ?? 0) >= $0.value.end }
    }

    @Test func `have one keeper: who comes later fences the one before`() async throws {
        let (ground, place) = (try await GatesGround(), TemporaryFolder())
        let fenced = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [context = ground.context(in: place.path)] in
                do { try await GateKeeper(context).run() } catch let error as LogError {
                    guard case .fenced = error.reason else { throw error }
                    fenced.isRaised.withLock { $0 = true }
                }
            }
            for _ in 0..<4 { try await ground.attempt(fails: true) }
            try await eventually("an open breaker") { try await !ground.verdicts().isEmpty }
            try await ground.judging {
                // Both go on judging; the first one hears that it is fenced when it has something to say.
                try await eventually("the end of the first") {
                    try await ground.attempt(fails: true)
                    return fenced.isRaised.withLock { $0 }
                }
            }
            group.cancelAll()
        }
        let states = try await ground.verdicts().map(\.breakerState)
        // No state twice in a row: only one of them was heard.
        #expect(zip(states, states.dropFirst()).allSatisfy { $0 != $1 || $0 == .halfOpen }, "\(states)")
    }

    /// Fault 59: a runner that hangs is found out, and one that is back is found out too.
    @Test func `ask the runner all the time, in sickness and in health`() async throws {
        let broker = try Simulator("alpaca")
        let runner = try Simulator("lean", "--to", broker.address())
        let ground = try await GatesGround([
            "TRADING_LEAN_RUNNER_HEALTH_MAX_AGE_SECONDS": "3", "TRADING_EXECUTION_ADAPTER": "lean",
            "TRADING_LEAN_RUNNER_URL": runner.address(),
        ])
        let adapter = LEANAdapter(LEANSettings(address: runner.address()), time: SystemTime())
        try await ground.judging([adapter]) {
            try await eventually("a healthy runner") { try await ground.health().last == .healthy }
            #expect(try await ground.verdicts().isEmpty)
            kill(runner.processID, SIGSTOP)
            try await eventually("an open breaker") { try await ground.verdicts().last?.breakerState == .open }
            #expect(try await ground.verdicts().last?.breachType == .runnerHealthStale)
            #expect(try await ground.health().last == .unhealthy)
            kill(runner.processID, SIGCONT)
            try await eventually("a half open breaker") {
                try await ground.verdicts().last?.breakerState == .halfOpen
            }
            #expect(try await ground.health().last == .healthy)
        }
    }
}

extension GatesGround {
    func health() async throws -> [HealthState] {
        try await control().compactMap { if case .runnerHealthObserved(let seen) = $0 { seen.health } else { nil } }
    }
}

/// Something that happened, seen from two tasks.
final class Flag: Sendable {
    let isRaised = Mutex(false)
}
