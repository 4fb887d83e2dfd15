import Commands
import Core
import Domain
import Runtime
import Threading

/// A step of the rollout, with all that can take it back; nothing is routed by it, it is the word that routing follows.
enum CanaryRollout {
    static let command = Command(
        "canary rollout", "take a step of the rollout: paper, canary, wider",
        details: """
            The step is an event that names its scope, when it must stop and what takes it back. A step that puts more \
            orders on LEAN (started, widened, finished) is refused while a critical parity mismatch, an open incident or \
            the costs stand against it; planned, held and rolled_back never are.
            """,
        options: OperatorWord.options + [
            .valued("scope", "SYMBOLS", "symbols between commas, or all"),
            .valued("accounts", "NAMES", "accounts between commas; default paper"),
            .valued("share", "0..1", "the share of intents in scope; default 1"),
            .valued("stop-condition", "TEXT", "when it must stop"),
            .valued("rollback-trigger", "TEXT", "what takes it back"),
            .valued("rollout", "NAME", "which rollout; default lean"),
        ],
        operand: Operand(
            name: "STEP", summary: RolloutPhase.allCases.map(\.rawValue).joined(separator: ", ")),
        answerNo: "refused: something stands against the step"
    ) { invocation in
        let step = try step(invocation)
        let settings = try invocation.settings()
        let policy = settings.policy.policy.gates.canary
        return try await OpenedLog.using(settings, to: .append) { opened in
            let (fold, unread) = try await CanaryReading.gates(opened.log, settings.policy.policy.gates)
            let (history, unreadToo) = try await CanaryReading.history(opened.log)
            let since = SystemTime().now().advanced(by: .zero - policy.rolloutWindow) ?? .earliest
            let costs = try await RouteCosts.read(opened.log, since: since)
            if RolloutGate.isForward(step.phase), let total = costs.pairs.last {
                let obstacles = RolloutGate.obstacles(
                    incidents: fold.incidents, divergences: costs.divergences, costs: total, policy: policy)
                guard obstacles.isEmpty else { return refuse(step, obstacles) }
                // What cannot be read may be a breach: nobody goes on over it.
                let unread = Set(unread + unreadToo + costs.unread).sorted()
                guard unread.isEmpty else {
                    for fault in unread { StandardError.line("torghut: \(step.phase.rawValue) is refused: \(fault)") }
                    return .no
                }
            }
            var taken = step
            taken.step = Int64(history.steps.count { $0.step.rolloutID == step.rolloutID }) + 1
            taken.fallbackRatioLimit = policy.fallbackRatioLimit
            let said = try await CanaryWord.say(
                .rolloutStepTaken(taken), named: "rollout/\(taken.rolloutID.text)/\(taken.step)", opened.log)
            try OperatorWord.print(
                said, "\(taken.rolloutID.text) step \(taken.step): \(taken.phase.rawValue)", json: invocation.json)
            return .ok
        }
    }

    private static func refuse(_ step: RolloutStepTaken, _ obstacles: [RolloutGate.Obstacle]) -> ExitCode {
        for obstacle in obstacles {
            StandardError.line("torghut: \(step.phase.rawValue) is refused: \(obstacle.code.text): \(obstacle.detail)")
        }
        return .no
    }

    private static func step(_ invocation: Invocation) throws(UsageError) -> RolloutStepTaken {
        let word = try OperatorWord(invocation)
        let name = try invocation.requiredOperand()
        guard let phase = RolloutPhase(rawValue: name) else {
            let names = RolloutPhase.allCases.map(\.rawValue)
            let nearest = NearestWord.to(name, among: names).map { "; did you mean \($0)?" } ?? ""
            throw UsageError("there is no step '\(name)'\(nearest)")
        }
        let scope = try invocation.required("scope")
        let (stop, trigger) = (
            try prose(invocation, "stop-condition"), try prose(invocation, "rollback-trigger")
        )
        do {
            let symbols = scope == "all" ? [] : try names(scope).map { try Symbol($0) }
            let accounts = try names(invocation.value("accounts") ?? "paper").map { try AccountLabel($0) }
            let share = try Amount(invocation.value("share") ?? "1")
            guard scope == "all" || !symbols.isEmpty, !accounts.isEmpty, symbols.count <= 256, accounts.count <= 64,
                share > .zero, share <= .one
            else { throw UsageError("a scope has symbols (or all), accounts, and a share above 0 and up to 1") }
            return RolloutStepTaken(
                rolloutID: try Label(invocation.value("rollout") ?? "lean"), step: 0, phase: phase,
                lane: .liveCanaryExecution, scopeSymbols: symbols, scopeAccounts: accounts, scopeShare: share,
                stopCondition: stop, rollbackTrigger: trigger, fallbackRatioLimit: .zero, actor: word.actor,
                reason: word.reason)
        } catch let error as UsageError { throw error } catch { throw UsageError("canary rollout: \(error)") }
    }

    private static func prose(_ invocation: Invocation, _ name: String) throws(UsageError) -> Prose {
        let text = try invocation.required(name)
        do { return try Prose(text) } catch { throw UsageError("--\(name): \(error)") }
    }

    private static func names(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    }
}
