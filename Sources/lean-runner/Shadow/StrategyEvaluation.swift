import Core
import Domain

/// Holds one intent against the strategy's own rule and the limits it was enabled with, check by check.
///
/// What could not be measured is said to be so. Whether a strategy may be promoted is no matter of one evaluation: the
/// product folds all of them.
enum StrategyEvaluation {
    static func answer(_ request: EvaluateRequest, _ correlationID: CorrelationID) -> Document {
        let rule = StrategyRule(request)
        let parity = ParityChecks.all(request, rule)
        let governance = GovernanceChecks.all(request, rule)
        let status = status(of: parity)
        let reason = status == .inconclusive ? unmeasured(parity) : nil
        return .object([
            "run_id": .string(runID()), "strategy_id": .string(request.strategyID.text),
            "symbol": .string(request.symbol.text), "parity_status": .string(status.rawValue),
            "parity_score": .amount(score(of: parity)),
            "failure_taxonomy": .text(status == .drift ? "execution_quality_drift" : nil),
            "reason": .text(reason),
            "governance": .object([
                "parity_score": .amount(score(of: parity)), "promotion_ready": .bool(false),
                "parity_minimum_met": .string(met(parity).rawValue),
                "governance_minimum_met": .string(met(governance).rawValue),
                "blocking_reason": .string("one_evaluation_proves_nothing"),
            ]),
            "checks": .array((parity + governance).map(\.document)),
            "authority_mode": .string(AuthorityMode.embeddedEngine.rawValue),
            "promotion_authority_eligible": .bool(false),
            "simulator_version": .string(ShadowSimulation.version),
            "correlation_id": .string(correlationID.text),
        ])
    }

    /// Parity needs the rule itself: what was decided must follow from what was seen.
    private static func status(of checks: [EvaluationCheck]) -> ParityStatus {
        if checks.contains(where: { $0.result == .no }) { return .drift }
        return checks.contains { $0.name == ParityChecks.action && $0.result == .yes } ? .pass : .inconclusive
    }

    private static func unmeasured(_ checks: [EvaluationCheck]) -> String? {
        checks.first { $0.result == .unknown }.map { "\($0.name): \($0.measured)" }
    }

    private static func met(_ checks: [EvaluationCheck]) -> TriState {
        if checks.contains(where: { $0.result == .no }) { return .no }
        return checks.allSatisfy { $0.result == .yes } ? .yes : .unknown
    }

    /// The part of what was measured that agrees; `nil` when nothing was.
    private static func score(of checks: [EvaluationCheck]) -> Amount? {
        let yes = checks.count { $0.result == .yes }
        let measured = yes + checks.count { $0.result == .no }
        guard measured > 0 else { return nil }
        return ExactQuotient.of(Int128(yes), times: UInt128(Amount.unitsPerOne), over: Int128(measured))
            .map(Amount.init(units:))
    }

    /// Each evaluation has an id of its own, also when the same intent is evaluated again.
    private static func runID() -> String {
        var text = ""
        for _ in 0..<24 { text += String(Int.random(in: 0..<16), radix: 16) }
        return text
    }
}

/// One thing that was looked at, what was found, and what was wanted.
struct EvaluationCheck: Sendable {
    let name: String
    let result: TriState
    let measured: String
    let required: String

    init(_ name: String, _ result: TriState, measured: String, required: String) {
        self.name = name
        self.result = result
        self.measured = measured
        self.required = required
    }

    static func unknown(_ name: String, _ why: String) -> EvaluationCheck {
        EvaluationCheck(name, .unknown, measured: why, required: "")
    }

    var document: Document {
        .object([
            "name": .string(name), "met": .string(result.rawValue), "measured": .string(measured),
            "required": .string(required),
        ])
    }
}
