import Commands
import Core
import Domain
import Runtime
import Threading

/// All that a step of the rollout is held against, as the log says it at one moment.
struct RolloutReading {
    /// Readings until the canary's topic says nothing new meanwhile.
    private static let maximumReadings = 3

    private let evidence: RolloutGate.Evidence
    private let unread: [String]
    private let readAt: Timestamp

    /// Reads again while the gates speak: what comes between the reading and the step would be passed over.
    static func read(
        _ log: any EventLog, for step: RolloutStepTaken, _ inForce: PolicyInForce
    ) async throws -> RolloutReading {
        let source = TopicPartition(TopicCatalog.canary.name, 0)
        for _ in 0..<maximumReadings {
            let before = try await log.bounds(of: [source])[source]?.end
            let reading = try await once(log, step, inForce)
            if try await log.bounds(of: [source])[source]?.end == before { return reading }
        }
        throw LogError(.read, .timedOut("the canary's topic never stood still"))
    }

    private static func once(
        _ log: any EventLog, _ step: RolloutStepTaken, _ inForce: PolicyInForce
    ) async throws -> RolloutReading {
        let policy = inForce.policy.gates.canary
        let now = SystemTime().now()
        let (fold, unread) = try await CanaryReading.gates(log, inForce.policy.gates)
        let (history, unreadToo) = try await CanaryReading.history(log)
        var standing = RolloutStanding()
        for taken in history.steps where taken.step.rolloutID == step.rolloutID {
            standing.fold(taken.step, at: taken.event.envelope.ingestTime)
        }
        // What was seen on paper leads to the canary, and the canary's live orders to more of them.
        var terms = policy.terms(dryRun: false)
        terms.tradingMode = step.phase == .wider ? .live : .paper
        let since = now.advanced(by: .zero - policy.rolloutWindow) ?? .earliest
        let costs = try await RouteCosts.read(log, since: since, terms.tradingMode, within: terms)
        guard let total = costs.pairs.last else { throw LogError(.read, .closed) }
        return RolloutReading(
            evidence: RolloutGate.Evidence(
                incidents: fold.incidents, control: fold.control, divergences: costs.divergences, routes: total,
                shadows: costs.comparison.shadows, standing: standing, ahead: fold.canary.ahead(of: now)?.by ?? .zero),
            unread: Set(unread + unreadToo + costs.unread).sorted(), readAt: now)
    }

    /// What makes the routes differ critically, as the step to the canary would be refused for it.
    static func criticalMismatches(_ log: any EventLog, _ inForce: PolicyInForce) async throws -> [String] {
        let words = try Prose("a look before a release")
        let step = RolloutStepTaken(
            rolloutID: try Label("lean"), step: 0, phase: .canary, lane: .liveCanaryExecution, scopeSymbols: [],
            scopeAccounts: [], scopeShare: .one, stopCondition: words, rollbackTrigger: words,
            fallbackRatioLimit: .zero, actor: try ActorName("torghut"), reason: words)
        let reading = try await read(log, for: step, inForce)
        let obstacles = RolloutGate.obstacles(to: .canary, reading.evidence, inForce, at: reading.readAt)
        return obstacles.filter { ["parity_mismatch", "order_ids_diverged"].contains($0.code.text) }
            .map { "\($0.code.text): \($0.detail)" } + reading.unread
    }

    /// What cannot be read may be a breach: nobody goes on over it.
    func refusals(of phase: RolloutPhase, _ inForce: PolicyInForce) -> [String] {
        let obstacles = RolloutGate.obstacles(to: phase, evidence, inForce, at: readAt)
        return obstacles.map { "\($0.code.text): \($0.detail)" } + (RolloutGate.isForward(phase) ? unread : [])
    }

    func taken(_ step: RolloutStepTaken, _ inForce: PolicyInForce) -> RolloutStepTaken {
        var taken = step
        taken.step = evidence.standing.steps + 1
        taken.previousPhase = evidence.standing.phase
        taken.fallbackRatioLimit = inForce.policy.gates.canary.fallbackRatioLimit
        taken.policyHash = inForce.policyHash
        taken.evidenceJSON = evidence.json(inForce.policy.gates.canary)
        return taken
    }
}
