import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `Taking a step of the rollout` {
    private static let whole = [
        "--scope", "BTC/USD,ETH/USD", "--stop-condition", "fallback ratio above 0.25", "--rollback-trigger",
        "a breach of the canary", "--actor", "ann", "--reason", "paper went well",
    ]

    @Test(arguments: ["scope", "stop-condition", "rollback-trigger", "actor", "reason"])
    func `needs its scope, its stop condition and what takes it back`(missing: String) async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let place = try #require(Self.whole.firstIndex(of: "--" + missing))
        var arguments = Self.whole
        arguments.removeSubrange(place...(place + 1))
        let refused = try await program.run(["canary", "rollout", "started"] + arguments)
        #expect(refused.status == 2 && refused.err.contains("--\(missing)"), "\(refused.err)")
        let said = try await program.run("log", "read", "--topic", TopicCatalog.canary.name)
        #expect(said.lines.isEmpty)
    }

    @Test func `is an event, and is refused while an incident is open`() async throws {
        var trading = try Trading()
        trading.program.environment["TRADING_LEAN_LIVE_CANARY_ENABLED"] = "true"
        let program = trading.program
        try await program.prepared()
        let word = try await program.run(["canary", "rollout", "strated"] + Self.whole)
        #expect(word.status == 2 && word.err.contains("did you mean started?"), "\(word.err)")
        for (number, step) in ["planned", "started"].enumerated() {
            let taken = try await program.run(["canary", "rollout", step] + Self.whole)
            #expect(
                taken.status == 0 && taken.text.contains("step \(number + 1): \(step)"), "\(taken.text)\(taken.err)")
        }
        let incident = IncidentOpened(
            incidentKey: Label(trusted: "lean_canary:fallback_ratio_exceeded:1"), breachType: .fallbackRatioExceeded,
            severity: .critical, rollbackTriggered: false, symbols: [], verdictEventID: EventID(high: 1, low: 1),
            evidenceJSON: .emptyObject, observed: Amount(1), threshold: .zero)
        try await trading.append(Trading.event(.canary(.incidentOpened(incident))))
        let refused = try await program.run(["canary", "rollout", "widened"] + Self.whole)
        #expect(refused.status == 3 && refused.err.contains("widened is refused: incident_open"), "\(refused.err)")
        #expect(try await program.run(["canary", "rollout", "held"] + Self.whole).status == 0)
        let said = try await program.run("log", "read", "--topic", TopicCatalog.canary.name, "--values")
        #expect(said.lines.count { $0.contains("canary.rollout_step_taken") } == 3)
        let report = try await program.run("parity", "report", "--json")
        #expect(report.status == 0 && report.lines.count == 2, "\(report.text)\(report.err)")
        #expect(try await program.run("canary", "status").status == 3)
    }
}
