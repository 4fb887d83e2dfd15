import Core
import Domain
import Foundation
import TestSupport
import Testing
import Wire

@Suite struct `Computing the canary's verdicts again` {
    private static let start = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    private static func evaluation(_ number: Int64, rules: Int64? = CanaryFold.rules) throws -> CanaryEvaluated {
        let moment = start.advanced(by: .seconds(number)) ?? start
        return try CanaryEvaluated(
            order: ControlOrder(
                scope: .lane(.liveCanaryExecution), actor: ActorName(trusted: "gates"), reason: Prose("judged")),
            evaluatedAt: moment, windowStart: moment.advanced(by: .seconds(-900)) ?? moment, windowEnd: moment,
            isClosed: false, policyHash: ContentHash((0, 0, 0, 0)), terms: CanaryPolicy().terms(dryRun: false),
            vector: PositionVector(positions: []), rules: rules)
    }

    /// The evaluation and the verdict that follows from it.
    private static func judged(_ number: Int64, rules: Int64 = CanaryFold.rules) throws -> (Event, Event) {
        let evaluation = try evaluation(number, rules: rules)
        let event = Trading.event(.control(.canaryEvaluated(evaluation)))
        let verdicts = CanaryGate.verdicts(
            of: evaluation, id: event.envelope.eventID, given: CanaryFold(), mint: EventMint.mint)
        return (event, try #require(verdicts.last))
    }

    private func lines(_ trading: Trading, _ status: Int32, _ more: String...) async throws -> [String] {
        let answer = try await trading.program.run(["canary", "recompute", "--json"] + more)
        #expect(answer.status == status, "\(answer.text)\(answer.err)")
        return answer.lines
    }

    /// A yes is said of what was compared, and of nothing else.
    @Test func `answers no where nothing was compared`() async throws {
        let trading = try Trading()
        try await trading.program.prepared()
        #expect(try await lines(trading, 3).isEmpty)
        // By other rules: nothing to hold it against.
        try await trading.append(Trading.event(.control(.canaryEvaluated(Self.evaluation(0, rules: nil)))))
        #expect(try await lines(trading, 3).isEmpty)
        #expect(try await lines(trading, 0, "--alone").isEmpty)
        let (evaluation, verdict) = try Self.judged(1)
        try await trading.append(evaluation)
        #expect(try await lines(trading, 0, "--alone").count == 1)
        try await trading.append(verdict)
        #expect(try await lines(trading, 0).count == 1)
        // Of another time there is none.
        #expect(try await lines(trading, 3, "--from", "2030-01-01T00:00:00Z").isEmpty)
        #expect(try await lines(trading, 0, "--from", "2027-01-01T00:00:00Z").count == 1)
        let both = try await trading.program.run("canary", "recompute", "--alone", "--against", "journal:x")
        #expect(both.status == 2, "\(both.err)")
    }

    /// Verdicts of the rules before these come out as they were; older ones are said to be older.
    @Test func `computes verdicts by the rules before these as well`() async throws {
        let trading = try Trading()
        try await trading.program.prepared()
        let (evaluation, verdict) = try Self.judged(1, rules: CanaryFold.knownRules.lowerBound)
        try await trading.append(evaluation)
        try await trading.append(verdict)
        #expect(try await lines(trading, 0).count == 1)
        let (old, _) = try Self.judged(2, rules: CanaryFold.knownRules.lowerBound - 1)
        try await trading.append(old)
        let answer = try await trading.program.run("canary", "recompute")
        #expect(answer.status == 0 && answer.err.contains("1 evaluations are by other rules"), "\(answer.err)")
    }

    @Test func `finds a verdict that was changed, one that is missing, and one that nothing is the reason of`()
        async throws
    {
        let trading = try Trading()
        try await trading.program.prepared()
        let (first, whole) = try Self.judged(1)
        try await trading.append(first)
        try await trading.append(whole)
        #expect(try await lines(trading, 0).allSatisfy { $0.contains("equal") })
        // One number of it is another one.
        let (second, honest) = try Self.judged(2)
        guard case .canary(.canaryJudged(var verdict)) = honest.content else { return }
        verdict.fallbackTotal += 1
        try await trading.append(second)
        try await trading.append(Event(honest.envelope, .canary(.canaryJudged(verdict))))
        let changed = try await lines(trading, 3)
        #expect(changed.count == 2 && changed[1].contains("different"), "\(changed)")
        let (third, _) = try Self.judged(3)
        try await trading.append(third)
        let missing = try await lines(trading, 3)
        #expect(missing.count == 3 && missing[2].contains("missing"), "\(missing)")
        let (_, forged) = try Self.judged(4)
        try await trading.append(forged)
        let all = try await lines(trading, 3)
        #expect(all.count == 4 && all.contains { $0.contains("not_recomputed") }, "\(all)")
        // A person is shown what is wrong.
        let shown = try await trading.program.run("canary", "recompute")
        #expect(shown.status == 3 && shown.lines.last == "3 verdicts recomputed: NOT all equal (3)", "\(shown.text)")
        #expect(!shown.text.contains("equal ") || shown.lines.count == 5, "\(shown.text)")
    }
}
