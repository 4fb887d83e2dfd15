import Commands
import Core
import Domain
import Runtime

/// A step of the rollout, with all that can take it back; nothing is routed by it, it is the word that routing follows.
enum CanaryRollout {
    static let command = Command(
        "canary rollout", "take a step of the rollout: paper, canary, wider",
        details: """
            The step is an event that names its scope, when it must stop and what takes it back. Phases follow each \
            other: paper, canary, wider; each may be taken again, and after rolled_back it begins again on paper. A \
            phase is refused while an emergency stop, a lane that is off, an open incident, a critical parity mismatch \
            or the costs stand against it; canary and wider also while the gates say nothing.
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
            name: "STEP", summary: RolloutStanding.phases.map(\.rawValue).joined(separator: ", ")),
        answerNo: "refused: something stands against the step"
    ) { invocation in
        let step = try step(invocation)
        let settings = try invocation.settings()
        return try await OpenedLog.using(settings, to: .append) { opened in
            var refusals: [String] = []
            var number: Int64 = 0
            let said = try await CanaryWord.say(opened.log) { log in
                let evidence = try await RolloutReading.read(log, for: step, settings.policy)
                refusals = evidence.refusals(of: step.phase, settings.policy)
                guard refusals.isEmpty else { return nil }
                let taken = evidence.taken(step, settings.policy)
                number = taken.step
                return (.rolloutStepTaken(taken), "rollout/\(taken.rolloutID.text)/\(taken.step)")
            }
            for why in refusals { StandardError.line("torghut: \(step.phase.rawValue) is refused: \(why)") }
            guard let said else { return .no }
            try OperatorWord.print(
                said, "\(step.rolloutID.text) step \(number): \(step.phase.rawValue)", json: invocation.json)
            return .ok
        }
    }

    private static func step(_ invocation: Invocation) throws(UsageError) -> RolloutStepTaken {
        let word = try OperatorWord(invocation)
        let name = try invocation.requiredOperand()
        guard let phase = RolloutStanding.phases.first(where: { $0.rawValue == name }) else {
            let names = RolloutStanding.phases.map(\.rawValue)
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
