import Foundation
import TestSupport
import Testing

@Suite struct `The whole system by one command` {
    /// Everything that was opened so that orders flow, by type and actor.
    private func opening(_ program: Program) async throws -> [String] {
        try await RunningUp.events(program, "torghut.control.v1").compactMap { event in
            let payload = event["payload"] as? [String: Any]
            guard payload?["actor"] as? String == "torghut-up" else { return nil }
            #expect((payload?["reason"] as? String)?.contains("the broker is simulated") == true)
            return event["event_type"] as? String
        }
    }

    @Test func `trades, says where everything is, and ends by itself with a verdict`() async throws {
        var program = try Program(Ground())
        // A broker that the environment names is never asked anything.
        program.environment = [
            "APCA_API_BASE_URL": "http://127.0.0.1:9", "APCA_API_KEY_ID": "mine", "TRADING_MODE": "live",
        ]
        let up = try await RunningUp(program, "--for", "3s", "--rate", "8")
        let card = up.card
        for name in ["up.json", "up-tokens", "up-trader-token"] {
            let found = try FileManager.default.attributesOfItem(atPath: RunningUp.folder(program) + "/" + name)
            #expect(found[.posixPermissions] as? Int == 0o600)
        }
        #expect(card.console == "\(card.api)/#token=\(card.token)")
        #expect(
            Set(card.processes.keys) == ["up", "simulator", "runner", "trader", "postgres", "postgres_server"])
        #expect(up.leftovers() == card.processes.keys.sorted())
        let page = try await up.client.curl("/", as: nil)
        #expect(page.status == 200 && page.body.contains("<html"), "\(page)")
        let second = try await program.run("up", "--for", "1s")
        #expect(second.status == 1 && second.err.contains("process \(card.processes["up"] ?? 0)"), "\(second.err)")
        #expect(second.err.contains(card.console))

        let status = try await up.process.finish(within: .seconds(60))
        let told = try up.text()
        #expect(status == 0 && told.contains("yes: all of it went as it should"), "\(told)")
        #expect(told.contains("set aside: APCA_API_BASE_URL, APCA_API_KEY_ID, TRADING_MODE"), "\(told)")
        for word in ["orders", "routes", "fallbacks", "fills", "discrepancies", "parked", "audit", "safe"] {
            #expect(told.contains("\n  \(word) "), "\(word)")
        }
        #expect(up.leftovers() == [])
        #expect(!FileManager.default.fileExists(atPath: RunningUp.folder(program) + "/up.json"))
        #expect(try await opening(program) == ["control.kill_switch_released", "control.strategy_enabled"])

        // What was opened for a simulated broker is never run with another one.
        program.environment["TRADING_MODE"] = "paper"
        let other = try await program.run("run", "--roles", "commands,router")
        #expect(other.status == 2 && other.err.contains("for its simulated broker alone"), "\(other.err)")

        // A kill stays a kill, and nothing is opened a second time.
        let killed = try await program.run("kill", "--reason", "a test", "--actor", "ann")
        #expect(killed.status == 0, "\(killed.err)")
        let again = try await RunningUp(program, "--rate", "20")
        #expect(again.card.token == card.token && again.card.api == card.api)
        try await eventually("decisions that are blocked") {
            try await again.number("SELECT count(*) FROM trade_decisions WHERE status = 'blocked'") > 3
        }
        #expect(try await !again.isSafe())
        #expect(try await opening(program).count == 2)
        let orders = try await again.books().count
        // One that does not hear is killed, by its number; nothing waits for it.
        let deaf = try #require(again.card.processes["runner"])
        kill(deaf, SIGSTOP)
        let start = ContinuousClock.now
        again.signal(SIGINT)
        #expect(try await again.process.finish() == 0)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(again.leftovers() == [])
        let said = try again.text()
        #expect(said.contains("runner did not end by itself, and was killed"), "\(said)")
        let sent = try await RunningUp.events(program, "torghut.route.v1").count {
            $0["event_type"] as? String == "route.attempt_accepted"
        }
        #expect(sent == orders)
    }

    @Test func `takes no folder that is somebody else's, and deletes only what it made`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let folder = RunningUp.folder(program)
        for arguments in [["up", "--for", "1s"], ["up", "--fresh", "--yes", "--for", "1s"]] {
            let refused = try await program.run(arguments)
            #expect(refused.status == 1 && refused.err.contains("did not begin"), "\(refused.err)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["journal"])

        let mine = program.ground.folder + "/mine"
        try FileManager.default.createDirectory(atPath: mine, withIntermediateDirectories: true)
        try "a letter".write(toFile: mine + "/letter", atomically: true, encoding: .utf8)
        // Roles that work on Kafka leave no journal in their folder, and it is theirs all the same.
        let theirs = program.ground.folder + "/theirs"
        try FileManager.default.createDirectory(atPath: theirs + "/run", withIntermediateDirectories: true)
        for (folder, name) in [(mine, "letter"), (theirs, "run")] {
            for fresh in [[], ["--fresh"]] {
                let refused = try await program.run(["up", "--data", folder, "--for", "1s"] + fresh)
                #expect(refused.status == 1 && refused.err.contains("nothing was changed"), "\(refused.err)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
            }
        }
        for wrong in [["--rate", "0"], ["--rate", "fast"], ["--port", "70000"], ["--log", "kafka:a:9092"]] {
            let answer = try await program.run(["up"] + wrong)
            #expect(answer.status == 2, "\(wrong): \(answer.err)")
        }
    }
}
