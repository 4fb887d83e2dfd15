import Foundation
import TestSupport
import Testing

@Suite struct `Backtests from the command line to the database` {
    private static let config = """
        {"symbols": ["BTC/USD"], "strategies": [{"strategy_id": "t", "type": "legacy_macd_rsi", "version": "1.0.0"}],
         "execution": {"latency_seed": SEED},
         "data": [{"path": "bars.csv", "format": "csv", "holds": "bars"}]}
        """

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func bars(in folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var text = "ts,open,high,low,close,volume\n"
        for index in 0..<400 {
            let price = 1_000 + (index * 37) % 101
            text += "\(1_700_000_040_000 + index * 60_000),\(price),\(price + 2),\(price - 2),\(price + 1),500\n"
        }
        try write(text, to: folder + "/bars.csv")
    }

    @Test func `are asked for, done, shown and found by psql; a failure says why, and nobody's runner is a wait`()
        async throws
    {
        let projecting = try await Projecting()
        var program = projecting.program
        let folder = TemporaryFolder()
        try bars(in: folder.path + "/runner/market")
        let runner = try RunnerProgram(broker: "http://127.0.0.1:9", data: folder.path)
        program.environment["TRADING_LEAN_RUNNER_URL"] = runner.address
        program.environment["TRADING_LEAN_BACKTEST_ENABLED"] = "true"
        program.environment["TRADING_LEAN_BACKTEST_POLL_MS"] = "50"
        let roles = try await RunningRoles(program, "lanes,projections")
        let file = program.ground.folder + "/config.json"
        try write(Self.config.replacing("SEED", with: "1"), to: file)
        let done = try await program.run("backtest", "submit", file, "--actor", "ann", "--wait", "40s", "--json")
        let said = try roles.text()
        try #require(done.status == 0, "\(done.err)\(done.text)\(said)")
        let run = try fields(done.text)
        let id = try #require(run["backtest_id"] as? String)
        #expect(run["status"] as? String == "completed" && run["requested_by"] as? String == "ann")
        #expect(run["deterministic_replay_passed"] as? Bool == true)
        let hash = try #require(run["replay_hash"] as? String)
        // The same again is the same run.
        let again = try await program.run("backtest", "submit", file, "--actor", "bob", "--wait", "40s", "--json")
        #expect(try again.status == 0 && fields(again.text)["requested_by"] as? String == "ann")
        // What the runner cannot read fails, and says where.
        try write(Self.config.replacing("SEED", with: "1").replacing("bars.csv", with: "none.csv"), to: file)
        let failed = try await program.run("backtest", "submit", file, "--actor", "ann", "--wait", "40s", "--json")
        #expect(failed.status == 3, "\(failed.err)")
        #expect(try fields(failed.text)["failure_taxonomy"] as? String == "backtest_failed")
        let reason = try fields(failed.text)["reason"] as? String
        #expect(reason?.hasPrefix("none.csv: is not there") == true)

        let listed = try await program.run("backtest", "list", "--json")
        #expect(listed.lines.count == 2)
        let files = try await program.run("backtest", "artifacts", id, "--output", program.ground.folder, "--json")
        #expect(files.status == 0 && files.lines.count == 4, "\(files.err)")
        let plot = try String(contentsOfFile: program.ground.folder + "/equity.svg", encoding: .utf8)
        #expect(plot.hasPrefix("<svg"))
        #expect(try await program.run("backtest", "show", "nothing").status == 3)
        #expect(
            try await program.run("backtest", "cancel", id, "--actor", "ann", "--reason", "late").status == 3)
        #expect(try await program.run("backtest", "submit", file).status == 2)

        let row = "FROM lean_backtest_runs WHERE backtest_id = '\(id)'"
        try await eventually("the row") {
            try projecting.exists("lean_backtest_runs")
                && projecting.number("SELECT count(*) FROM lean_backtest_runs") == 2
                && projecting.number("SELECT count(*) \(row) AND status = 'completed'") == 1
        }
        #expect(try projecting.number("SELECT count(*) \(row) AND replay_hash = '\(hash)'") == 1)
        #expect(
            try projecting.number(
                "SELECT count(*) FROM lean_backtest_runs WHERE failure_taxonomy = 'backtest_failed'") == 1)
        #expect(try await roles.stop() == 0)
    }

    @Test func `go on after the lane and the runner were killed, and end when the lane is disabled`() async throws {
        var program = try Program(Ground())
        let folder = TemporaryFolder()
        try bars(in: folder.path + "/runner/market")
        var runner = try RunnerProgram(broker: "http://127.0.0.1:9", data: folder.path)
        let port = runner.port
        program.environment = [
            "TRADING_LEAN_RUNNER_URL": runner.address, "TRADING_LEAN_BACKTEST_ENABLED": "true",
            "TRADING_LEAN_BACKTEST_POLL_MS": "50",
        ]
        var roles = try await RunningRoles(program, "lanes")
        try await runner.killed()
        let file = program.ground.folder + "/config.json"
        try write(Self.config.replacing("SEED", with: "7"), to: file)
        let asked = try await program.run("backtest", "submit", file, "--actor", "ann", "--json")
        try #require(asked.status == 0, "\(asked.err)")
        let id = try #require(try fields(asked.text)["backtest_id"] as? String)
        try await eventually("a call that failed") { try roles.text().contains("backtest_call_failed") }
        roles.signal(SIGKILL)
        _ = try await roles.process.finish()
        runner = try RunnerProgram(broker: "http://127.0.0.1:9", data: folder.path, port: port)
        roles = try await RunningRoles(program, "lanes")
        try await eventually("the end") {
            let shown = try await program.run("backtest", "show", id, "--json")
            return try shown.status == 0 && fields(shown.text)["status"] as? String == "completed"
        }
        let disabled = try await program.run(
            "lane", "disable", "research_backtest", "--actor", "ann", "--reason", "enough")
        #expect(disabled.status == 0, "\(disabled.err)")
        try write(Self.config.replacing("SEED", with: "8"), to: file)
        let refused = try await program.run("backtest", "submit", file, "--actor", "ann", "--wait", "40s", "--json")
        #expect(refused.status == 3)
        #expect(try fields(refused.text)["failure_taxonomy"] as? String == "lane_disabled")
        #expect(try await roles.stop() == 0)
        #expect(runner.isRunning)
    }
}
