import Domain
import Runtime

/// Takes a lane out of use, or lets it be used again, while everything runs.
enum LaneSwitch {
    private static let operand = Operand(
        name: "LANE",
        summary: "lean (orders through LEAN), or one of \(Lane.allCases.map(\.rawValue).joined(separator: ", "))")

    static let disable = Command(
        "lane disable", "new intents of a lane go to Alpaca",
        details: "Orders that are on their way are not touched. Holds until 'torghut lane enable'.",
        options: OperatorWord.options, operand: operand
    ) { try await run($0, .disable) }

    static let dryRun = Command(
        "lane dry-run", "a lane works and records, and nothing follows from it",
        details: """
            A shadow or a backtest is computed and recorded as one that counts for nothing; the canary judges and does \
            not roll back; orders do not go through LEAN. Holds until 'torghut lane enable' or 'lane disable'.
            """,
        options: OperatorWord.options, operand: operand
    ) { try await run($0, .dryRun) }

    static let enable = Command(
        "lane enable", "a lane may be used again",
        details: "An open breaker or a sick runner still keeps orders away from LEAN.",
        options: OperatorWord.options, operand: operand
    ) { try await run($0, .enable) }

    private static func run(_ invocation: Invocation, _ change: LaneChange) async throws -> ExitCode {
        let word = try OperatorWord(invocation)
        let name = try invocation.requiredOperand()
        guard let lane = LaneChange.lane(named: name) else {
            throw UsageError("there is no lane '\(name)'; \(operand.summary)")
        }
        let said = try await OperatorWord.say(try invocation.settings()) { _ in
            change.control(lane, word.order(.lane(lane)))
        }
        try OperatorWord.print(said, "\(invocation.command.name) \(lane.rawValue)", json: invocation.json)
        return .ok
    }
}
