import Core
import Domain
import Foundation
import TestSupport
import Testing

/// The canary with real programs: a rise of failures stops LEAN once, and everything about it can be computed again.
@Suite struct `A rise of LEAN's failures` {
    /// Also under load: as measured, it is a fraction of this.
    static let bound = 15.0

    @Test func `breaches once, stops LEAN in time, outlives a crash, and ends when an operator says so`() async throws {
        try await Self.hold(healthy: 30, submitted: 90)
    }

    /// The breaker and the reviews of symbols stop LEAN as well, and hold back what the canary counts.
    @Test func `reaches its sample and its limit with the settings that everything has by default`() async throws {
        let stage = try CanaryStage(isAlone: false)
        let running = try await stage.start()
        try await stage.open()
        try await stage.submit(0..<30)
        try await eventually("orders by LEAN") {
            try await stage.lines(TopicCatalog.route, holding: "route.attempt_accepted").count == 30
        }
        try await stage.runner.control("/_sim/random", #"{"refuse":900}"#)
        var next = 30
        try await eventually("a breach") {
            if next < 150 {
                try await stage.submit(next..<(next + 8))
                next += 8
            }
            return try await !stage.lines(TopicCatalog.canary, holding: "canary.incident_opened").isEmpty
        }
        _ = try await Self.confirmed(stage)
        let verdicts = try await stage.trading.program.run("canary", "verdicts", "--json", "--last", "1000").lines
        let breach = try #require(try verdicts.map(fields).first { $0["verdict"] as? String == "breach" })
        #expect(breach["action"] as? String == "hard_rollback" && breach["sample"] as? Int ?? 0 >= 20)
        let opened = try await stage.lines(TopicCatalog.control, holding: "control.symbol_review_opened").count
        print("with default settings: \(opened) symbols under review when the canary stopped LEAN")
        #expect(try await running.stop() == 0)
    }

    static func hold(healthy: Int, submitted: Int) async throws {
        let stage = try CanaryStage()
        let running = try await stage.start()
        try await stage.open()
        try await stage.submit(0..<healthy)
        try await eventually("orders by LEAN") {
            try await stage.lines(TopicCatalog.route, holding: "route.attempt_accepted").count == healthy
        }
        try await eventually("a verdict that all is well") {
            try await stage.lines(TopicCatalog.canary, holding: #""verdict":"pass""#).count >= 1
        }
        #expect(try await stage.trading.program.run("canary", "status").status == 0)
        try await stage.runner.control("/_sim/random", #"{"refuse":900}"#)
        // Until the stop is latched decisions go on coming.
        var next = healthy
        try await eventually("a breach") {
            if next < submitted {
                try await stage.submit(next..<min(submitted, next + 10))
                next = min(submitted, next + 10)
            }
            return try await !stage.lines(TopicCatalog.canary, holding: "canary.incident_opened").isEmpty
        }
        let took = try await confirmed(stage)
        print("hard rollback of LEAN: \(took) s from the last fact to the last confirmation")
        #expect(took < bound)
        try await onlyOnce(stage, running)
        running.signal(SIGKILL)
        running.process.waitUntilExit()
        let again = try await stage.start()
        try await eventually("the gates at work again") {
            try await stage.metric(again, "torghut_trading_lean_canary_incident_open") == 1
        }
        #expect(try await stage.metric(again, "torghut_trading_lean_canary_rollback_seconds") == took)
        try await onlyOnce(stage, again)
        try await resolves(stage, next)
        #expect(try await again.stop() == 0)
        try await computedAgain(stage)
    }

    /// Every order that LEAN had open is cancelled at the broker, and that is known here.
    private static func confirmed(_ stage: CanaryStage) async throws -> Double {
        var took: Double?
        try await eventually("the end of the rollback") {
            let row = try await stage.status().first { $0["what"] as? String == "rollback" }
            guard row?["state"] as? String == "confirmed", row?["sample"] as? Int ?? 0 > 0 else { return false }
            took = (row?["seconds"] as? String).flatMap { Double($0) }
            return took != nil
        }
        let asked = try await stage.lines(TopicCatalog.route, holding: "route.cancel_requested").count
        try await eventually("every cancellation") {
            try await stage.lines(TopicCatalog.route, holding: "route.cancel_confirmed").count == asked
        }
        return try #require(took)
    }

    private static func onlyOnce(_ stage: CanaryStage, _ running: RunningRoles) async throws {
        let control = try await stage.lines(TopicCatalog.control)
        #expect(control.count { $0.contains("control.emergency_stop_latched") } == 1)
        #expect(control.count { $0.contains("control.lane_disabled") } == 1)
        let listed = try await stage.trading.program.run("canary", "incidents", "list", "--json", "--all")
        #expect(listed.status == 3 && listed.lines.count == 1, "\(listed.text)\(listed.err)")
        let incident = try fields(try #require(listed.lines.first))
        #expect(incident["incident"] as? String == "lean_canary:fallback_ratio_exceeded:1")
        #expect(incident["rolled_back"] as? Bool == true && incident["state"] as? String == "open")
        let verdicts = try await stage.trading.program.run("canary", "verdicts", "--json", "--last", "1000").lines
        let breach = try #require(try verdicts.map(fields).first { $0["verdict"] as? String == "breach" })
        #expect(breach["sample"] as? Int ?? 0 >= 20 && breach["action"] as? String == "hard_rollback")
        #expect((breach["observed"] as? String).flatMap { Double($0) } ?? 0 > 0.25, "\(breach)")
        #expect(breach["mode"] as? String == "paper")
    }

    private static func resolves(_ stage: CanaryStage, _ next: Int) async throws {
        let program = stage.trading.program
        let word = ["--reason", "the runner was replaced", "--actor", "ann"]
        let unknown = try await program.run(["canary", "incidents", "resolve", "lean_canary:none:1"] + word)
        #expect(unknown.status == 3, "\(unknown.err)")
        let silent = try await program.run("canary", "incidents", "resolve", "lean_canary:fallback_ratio_exceeded:1")
        #expect(silent.status == 2, "\(silent.err)")
        let key = "lean_canary:fallback_ratio_exceeded:1"
        #expect(try await program.run(["canary", "incidents", "resolve", key] + word).status == 0)
        #expect(try await program.run(["canary", "incidents", "resolve", key] + word).status == 3)
        #expect(try await program.run(["resume", "--emergency"] + word).status == 0)
        #expect(try await program.run(["lane", "enable", "lean"] + word).status == 0)
        try await stage.runner.control("/_sim/random", #"{}"#)
        let before = try await stage.lines(TopicCatalog.route, holding: #""execution_route":"lean","#).count
        try await stage.submit(next..<(next + 8))
        try await eventually("orders by LEAN again") {
            try await stage.lines(TopicCatalog.route, holding: #""execution_route":"lean","#).count == before + 8
        }
        let listed = try await program.run("canary", "incidents", "list")
        #expect(listed.status == 0 && listed.err.contains("no incident is open"), "\(listed.text)\(listed.err)")
        let shown = try await program.run("canary", "incidents", "show", key)
        #expect(shown.status == 0 && shown.text.contains("the runner was replaced"), "\(shown.text)")
        try await eventually("a verdict of the new stretch") {
            let last = try await program.run("canary", "verdicts", "--json", "--last", "1").lines.first
            return try last.map(fields)?["verdict"] as? String == "inconclusive"
        }
    }

    /// Bit for bit, from a copy of the log that has lost the canary's topic.
    private static func computedAgain(_ stage: CanaryStage) async throws {
        let program = stage.trading.program
        let here = try await program.run("canary", "recompute")
        #expect(here.status == 0 && here.lines.last?.hasSuffix("all equal") == true, "\(here.text)\(here.err)")
        let copy = try await stage.copyWithoutVerdicts()
        let alone = try await program.run("canary", "recompute", "--alone", "--log", "archive:\(copy)")
        #expect(
            alone.status == 0 && alone.lines.last?.hasSuffix("nothing was compared") == true, "\(alone.err)")
        #expect(try await program.run("canary", "recompute", "--log", "archive:\(copy)").status == 3)
        let against = try await program.run(
            "canary", "recompute", "--log", "archive:\(copy)", "--against",
            "journal:\(program.ground.folder)/.torghut/journal")
        #expect(against.status == 0, "\(against.text)\(against.err)")
        print(against.lines.last ?? "")
        let verdicts = try await program.run("canary", "verdicts", "--json", "--last", "100000").lines.count
        #expect(against.lines.last == "\(verdicts) verdicts recomputed: all equal" && verdicts >= 4)
    }
}

@Suite(.enabled(if: Storm.isOn))
struct `Soak: a rise of LEAN's failures` {
    @Test func `after thousands of orders that went well`() async throws {
        try await `A rise of LEAN's failures`.hold(healthy: 1_000, submitted: 3_000)
    }
}
