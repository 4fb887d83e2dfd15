import Core
import Domain
import Foundation
import TestSupport
import Testing
import Wire

@Suite struct `Computing the canary's verdicts again` {
    private static func evaluation(rules: Int64?) throws -> CanaryEvaluated {
        let moment = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
        return try CanaryEvaluated(
            order: ControlOrder(
                scope: .lane(.liveCanaryExecution), actor: ActorName(trusted: "gates"), reason: Prose("judged")),
            evaluatedAt: moment, windowStart: moment.advanced(by: .seconds(-900)) ?? moment, windowEnd: moment,
            isClosed: false, policyHash: ContentHash((0, 0, 0, 0)), terms: CanaryPolicy().terms(dryRun: false),
            vector: PositionVector(positions: []), rules: rules)
    }

    private func lines(_ trading: Trading, _ status: Int32) async throws -> [String] {
        let answer = try await trading.program.run("canary", "recompute", "--json")
        #expect(answer.status == status, "\(answer.text)\(answer.err)")
        return answer.lines
    }

    @Test func `finds a verdict that is missing, and one that nothing is the reason of`() async throws {
        let trading = try Trading()
        try await trading.program.prepared()
        // By other rules: nothing to hold it against.
        try await trading.append(Trading.event(.control(.canaryEvaluated(Self.evaluation(rules: nil)))))
        #expect(try await lines(trading, 0).isEmpty)
        try await trading.append(Trading.event(.control(.canaryEvaluated(Self.evaluation(rules: CanaryFold.rules)))))
        let missing = try await lines(trading, 3)
        #expect(missing.count == 1 && missing[0].contains("missing"), "\(missing)")
        let forged = try CanaryGate.verdicts(
            of: Self.evaluation(rules: nil), id: EventID(high: 5, low: 5), given: CanaryFold(), mint: EventMint.mint)
        let event = try #require(forged.last)
        try await trading.append(Trading.event(event.content))
        let both = try await lines(trading, 3)
        #expect(both.count == 2 && both.contains { $0.contains("not_recomputed") }, "\(both)")
    }
}
