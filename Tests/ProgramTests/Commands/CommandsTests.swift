import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `Running the commands role` {
    @Test func `turns submitted decisions into intents, and the same ones into nothing after a restart`() async throws {
        let trading = try Trading()
        let first = try trading.start("--metrics-file", "metrics")
        try await eventually("topics") { try await trading.program.run("topics", "verify").status == 0 }
        try await trading.open()
        #expect(try await trading.enable().status == 0)
        let lines = (0..<20).map { Trading.line($0, symbol: "S\($0 % 5)") }
        let input = lines.joined(separator: "\n")
        let submitted = try await trading.program.run("decisions", "submit", "--json", input: input)
        #expect(submitted.status == 0 && submitted.lines.count == 20, "\(submitted.err)")
        let hashes = try submitted.lines.map { try fields($0)["decision_hash"] as? String ?? "" }
        #expect(Set(hashes).count == 20 && hashes.map(\.count) == Array(repeating: 64, count: 20))
        try await eventually("intents") { try await trading.answers().count == 20 }
        #expect(try await first.stop() == 0)
        let metrics = try String(contentsOfFile: trading.program.ground.folder + "/metrics", encoding: .utf8)
        #expect(metrics.contains(#"torghut_commands_decisions_total{outcome="intent"} 20"#), "\(metrics)")

        let second = try trading.start()
        // One more at the end, so that it is seen when all were looked at.
        let again = try await trading.program.run(
            "decisions", "submit", input: (lines + [Trading.line(21)]).joined(separator: "\n"))
        #expect(again.status == 0 && again.lines.count == 21, "\(again.err)")
        try await eventually("the last") { try await trading.answers().count == 21 }
        #expect(try await second.stop() == 0)
        #expect(try await trading.answers() == Array(repeating: "intent.emitted", count: 21))
        let said = try second.text()
        #expect(said.contains(#""event":"commands_ready""#) && said.contains(#""snapshot":true"#), "\(said)")
    }

    @Test func `blocks while the latch is closed`() async throws {
        let trading = try Trading()
        try await trading.program.prepared()
        try await trading.open()
        #expect(try await trading.enable().status == 0)
        let latch = trading.program.ground.folder + "/.torghut/KILL"
        try Data("stop\n".utf8).write(to: URL(fileURLWithPath: latch))
        let running = try trading.start()
        let submitted = try await trading.program.run("decisions", "submit", input: Trading.line(1))
        #expect(submitted.status == 0, "\(submitted.err)")
        try await eventually("an answer") { try await trading.answers() == ["decision.blocked"] }
        #expect(try await running.stop() == 0)
    }

    @Test func `ends with exit code 2 and names every setting that cannot be read`() async throws {
        var trading = try Trading()
        trading.program.environment["TRADING_MODE"] = "banana"
        trading.program.environment["TRADING_MAX_NOTIONAL_PER_TRADE"] = "much"
        let output = try await trading.program.run("run", "--roles", "commands")
        #expect(output.status == 2, "\(output.err)")
        #expect(output.err.contains("TRADING_MODE") && output.err.contains("TRADING_MAX_NOTIONAL_PER_TRADE"))
        #expect(!output.err.contains("banana"))
    }

    @Test func `gives way to a process that starts later on the same journal`() async throws {
        let trading = try Trading()
        let first = try trading.start()
        try await eventually("the first") { try first.text().contains(#""event":"commands_ready""#) }
        let second = try trading.start()
        try await eventually("the second") { try second.text().contains(#""event":"commands_ready""#) }
        // The first learns it with its next append.
        _ = try await trading.program.run("decisions", "submit", input: Trading.line(1))
        try await eventually("an answer") { try await trading.answers().count == 1 }
        #expect(try await first.process.finish() == 1)
        let said = try first.text()
        #expect(said.contains("commands_fenced"), "\(said)")
        // It held the journal: the second goes on with the lock of its own.
        #expect(try await second.stop() == 0)
    }
}

@Suite struct `Submitting decisions` {
    @Test func `names each line that does not hold, and writes the others`() async throws {
        let trading = try Trading()
        try await trading.program.prepared()
        let lines = [
            Trading.line(0), "no json", Trading.line(1).replacing("\"qty\"", with: "\"quanity\""), Trading.line(2),
            Trading.line(3).replacing("\"buy\"", with: "\"hold\""),
            Trading.line(4, extra: ",\"decision_hash\":\"\(String(repeating: "a", count: 64))\""),
        ]
        let output = try await trading.program.run("decisions", "submit", input: lines.joined(separator: "\n"))
        #expect(output.status == 3 && output.lines.count == 2, "\(output.text)\(output.err)")
        for text in [
            "line 2: ", "line 3: unknown field 'quanity'", "line 5: $.action", "line 6: decision_hash is not the hash",
        ] { #expect(output.err.contains(text), "\(output.err)") }
        let read = try await trading.program.run("log", "read", "--topic", TopicCatalog.decisions.name)
        #expect(read.lines.count == 2)
    }

    @Test func `reads a file, and whole events as the log holds them`() async throws {
        let trading = try Trading()
        try await trading.program.prepared()
        let file = trading.program.ground.folder + "/decisions"
        try Data((Trading.line(0) + "\n" + Trading.line(1)).utf8).write(to: URL(fileURLWithPath: file))
        let first = try await trading.program.run("decisions", "submit", "--file", "decisions", "--json")
        #expect(first.status == 0 && first.lines.count == 2, "\(first.err)")
        let read = try await trading.program.run("log", "read", "--topic", TopicCatalog.decisions.name)
        let events = try read.lines.map { try #require(try fields($0)["value"] as? String) }
        let again = try await trading.program.run(
            "decisions", "submit", "--json", input: events.joined(separator: "\n"))
        let hashes = { (output: Program.Output) in
            try Set(output.lines.map { try #require(try fields($0)["decision_hash"] as? String) })
        }
        #expect(again.status == 0, "\(again.err)")
        let (before, after) = (try hashes(first), try hashes(again))
        #expect(before == after)
        let missing = try await trading.program.run("decisions", "submit", "--file", "nowhere")
        #expect(missing.status == 2 && missing.err.contains("nowhere"))
    }
}

@Suite struct `Strategies` {
    @Test func `are enabled and disabled by an operator's word, with a reason`() async throws {
        let trading = try Trading()
        try await trading.program.prepared()
        #expect(try await trading.enable().status == 0)
        let words = ["strategies", "disable", "momentum", "--actor", "ann"]
        #expect(try await trading.program.run(words).status == 2)
        #expect(try await trading.program.run(words + ["--reason", "enough"]).status == 0)
        #expect(try await trading.enable("other").status == 0)
        let listed = try await trading.program.run("strategies", "list", "--json")
        let states = try listed.lines.map { line in
            let row = try fields(line)
            return "\(row["strategy"] as? String ?? "") \(row["state"] as? String ?? "")"
        }
        #expect(states == ["momentum disabled", "other enabled"], "\(listed.text)\(listed.err)")
    }

    @Test func `are not enabled while order ids have diverged`() async throws {
        let trading = try Trading()
        try await trading.program.prepared()
        let diverged = IdsDiverged(
            order: OrderKey(clientOrderID: ClientOrderID(trusted: "order")), divergence: .differentOrderID,
            leanOrderID: BrokerOrderID(trusted: "a"), brokerOrderID: BrokerOrderID(trusted: "b"),
            observed: try Prose("two ids"))
        try await trading.append(Trading.event(.route(.idsDiverged(diverged)), "AAPL"))
        let refused = try await trading.enable()
        #expect(refused.status == 3 && refused.err.contains("order ids diverged"), "\(refused.err)")
        #expect(try await trading.program.run("strategies", "list").text.isEmpty)
    }
}
