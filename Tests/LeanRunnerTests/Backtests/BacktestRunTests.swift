import Foundation
import HTTPClient
import TestSupport
import Testing

@testable import lean_runner

@Suite struct `A backtest at the runner` {
    @Test func `is one run for one configuration and lane, by the hashes that are in use`() throws {
        let config = try Document(Array(#"{ "symbol" : "BTC/USD" }"#.utf8))
        let identity = BacktestIdentity(config, in: try #require(.init(named: "research")))
        #expect(identity.reproducibilityHash == "8632244df7d72c0fe6ea05461b2abb2e0766501fac64832e39b91783f6c9c963")
        #expect(identity.id == "31b8b259c941a33016ae")
        #expect(BacktestIdentity.Lane(named: "shadow-replay") == .shadowReplay)
        #expect(BacktestIdentity.Lane(named: "execution") == nil)
    }

    @Test func `is done twice, keeps its files and says what it proves`() async throws {
        let ground = try BacktestGround()
        let runner = try ground.start()
        let id = try await ground.submit(runner)
        let done = try await ground.wait(runner, id)
        #expect(done.json("status", as: String.self) == "completed", "\(done.json("reason", as: String.self) ?? "")")
        #expect(done.json("deterministic_replay_passed", as: Bool.self) == true)
        #expect(done.json("authority_mode", as: String.self) == "embedded_engine")
        #expect(done.json("result", "authority", "is_lean", as: Bool.self) == false)
        #expect((done.json("result", "summary", "fill_count", as: Int.self) ?? 0) > 4)
        #expect(done.json("result", "summary", "lowest_cash", as: String.self) != nil)
        let listed = try #require(await runner.ask(.get, "/v1/runs/\(id)/artifacts"))
        #expect(listed.json.count("artifacts") == 4)
        for index in 0..<4 {
            let path = try #require(listed.json("artifacts", index, "path", as: String.self))
            let file = try await ground.fetch(runner, path)
            #expect(file.status == 200)
            #expect(file.body.count == listed.json("artifacts", index, "bytes", as: Int.self))
        }
        let plot = try await ground.fetch(runner, "/v1/runs/\(id)/artifacts/equity.svg")
        #expect(String(decoding: plot.body, as: UTF8.self).hasPrefix("<svg"))
        // Asked for again it is the same run; in the other lane, or with another seed, it is another.
        let again = try #require(await runner.ask(.post, "/v1/backtests/submit", BacktestGround.config()))
        #expect(again.isReplay == true && again.json("backtest_id", as: String.self) == id)
        let shadow = try #require(await runner.ask(.post, "/v1/shadow-replay", BacktestGround.config()))
        let other = try #require(shadow.json("backtest_id", as: String.self))
        #expect(other != id && shadow.json("lane", as: String.self) == "shadow_replay")
        let hash = try #require(done.json("replay_hash", as: String.self))
        #expect(try await ground.wait(runner, other).json("replay_hash", as: String.self) == hash)
        let seeded = try await ground.submit(runner, BacktestGround.config(seed: 2))
        let second = try await ground.wait(runner, seeded)
        #expect(second.json("replay_hash", as: String.self) != hash)
        #expect(second.json("status", as: String.self) == "completed")
        #expect(await runner.ask(.get, "/v1/runs/\(id)/artifacts/state.json")?.status == 404)
        #expect(await runner.ask(.get, "/v1/backtests/00000000000000000000")?.code == "backtest_not_found")
    }

    @Test func `is refused by name where its configuration says what nobody asked, or too much`() async throws {
        let ground = try BacktestGround()
        let runner = try ground.start()
        for (body, words) in [
            (#"{"config": {"symbols": ["A"], "data": []}, "colour": 1}"#, ["unknown fields: colour"]),
            (BacktestGround.config(more: #", "colour": 1, "initial_cash": "-1""#), ["config.colour", "initial_cash"]),
            (BacktestGround.config(path: "../outside.csv"), ["config.data[0].path"]),
            (BacktestGround.config().replacing("legacy_macd_rsi", with: "magic"), ["plugin_not_found:magic@1.0.0"]),
            (#"{"lane": "execution", "config": {}}"#, ["lane"]), ("{}", ["config is missing"]),
        ] {
            let answer = try #require(await runner.ask(.post, "/v1/backtests", body))
            let detail = answer.json("detail", as: String.self) ?? ""
            #expect(answer.status == 422 && answer.code == "contract_invalid", "\(body)")
            for word in words { #expect(detail.contains(word), "\(detail)") }
        }
    }

    @Test func `that cannot read its data fails and says where`() async throws {
        let ground = try BacktestGround()
        let market = ground.folder.path + "/runner/market"
        try (BacktestGround.csv(3) + "17,BTC/USD,1,2,x,1,1\n").write(
            toFile: market + "/bad.csv", atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            atPath: market + "/link.csv", withDestinationPath: ground.folder.path + "/outside.csv")
        let runner = try ground.start(["LEAN_BACKTEST_MAX_EVENTS": "500"])
        let wrongHash = BacktestGround.config(path: "bad.csv").replacing(
            #""holds""#, with: #""sha256": "\#(String(repeating: "0", count: 64))", "holds""#)
        for (body, words) in [
            (BacktestGround.config(path: "bad.csv"), "bad.csv, line 5: low"),
            (BacktestGround.config(path: "none.csv"), "none.csv: is not there"),
            (BacktestGround.config(path: "link.csv"), "leads out"),
            (BacktestGround.config(), "bars.csv, line 502: the run has more than 500"),
            (wrongHash, "bad.csv, line 5"),
        ] {
            let end = try await ground.wait(runner, try await ground.submit(runner, body))
            #expect(end.json("status", as: String.self) == "failed")
            #expect(end.json("failure_taxonomy", as: String.self) == "backtest_failed")
            let reason = end.json("reason", as: String.self) ?? ""
            #expect(reason.contains(words), "\(reason)")
        }
    }

    @Test func `stops where its bars cannot be what it says, and where it is filled without end`() async throws {
        let ground = try BacktestGround()
        let runner = try ground.start(["LEAN_BACKTEST_MAX_FILLS": "1"])
        for (more, words) in [
            (#", "timeframe_seconds": 30"#, "timeframe_seconds is too short"),
            (#", "timeframe_seconds": 61"#, "bars of BTC/USD overlap"), ("", "more than 1 fills"),
        ] {
            let end = try await ground.wait(
                runner, try await ground.submit(runner, BacktestGround.config(more: more)))
            #expect(end.json("status", as: String.self) == "failed")
            let reason = end.json("reason", as: String.self) ?? ""
            #expect(reason.contains(words), "\(reason)")
        }
    }

    @Test func `survives a kill at any moment and gives the same result`() async throws {
        let ground = try BacktestGround(bars: 40_000)
        let undisturbed = try BacktestGround(bars: 40_000)
        let reference = try undisturbed.start()
        let expected = try await undisturbed.wait(reference, try await undisturbed.submit(reference))
        var runner = try ground.start()
        let id = try await ground.submit(runner)
        // Killed while it waits or reads, in the first run, and in the second.
        for phase in ["first_run", "second_run"] {
            try await ground.wait(runner, id, phase) {
                $0.json("progress", "phase", as: String.self) == phase
                    || $0.json("status", as: String.self) == "completed"
            }
            try await runner.killed()
            runner = try ground.start()
        }
        let done = try await ground.wait(runner, id)
        #expect(done.json("status", as: String.self) == "completed")
        #expect(done.json("replay_hash", as: String.self) == expected.json("replay_hash", as: String.self))
        // A stop in good order is no other.
        #expect(try await runner.stopped() == 0)
        let last = try ground.start()
        let kept = try #require(await last.ask(.get, "/v1/backtests/\(id)"))
        #expect(kept.json("status", as: String.self) == "completed")
        #expect(try await ground.fetch(last, "/v1/runs/\(id)/artifacts/report.json").status == 200)
    }

    @Test func `whose file was damaged is not handed out as if it were whole`() async throws {
        let ground = try BacktestGround()
        let runner = try ground.start()
        let id = try await ground.submit(runner)
        try await ground.wait(runner, id)
        let path = ground.folder.path + "/runner/backtests/\(id)/report.json"
        try "{}".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(await runner.ask(.get, "/v1/runs/\(id)/artifacts/report.json")?.code == "artifact_damaged")
    }

    @Test func `waits in a queue with an end, is cancelled at once there and soon when it runs`() async throws {
        let ground = try BacktestGround()
        let launcher = try ground.launcher("sleep 600")
        let runner = try ground.start(["LEAN_LAUNCHER_COMMAND": launcher, "LEAN_BACKTEST_MAX_QUEUE": "1"])
        let first = try await ground.submit(runner, #"{"config": {"n": 1}}"#)
        try await ground.wait(runner, first, "its start") { $0.json("status", as: String.self) == "running" }
        let second = try await ground.submit(runner, #"{"config": {"n": 2}}"#)
        let full = try #require(await runner.ask(.post, "/v1/backtests", #"{"config": {"n": 3}}"#))
        #expect(full.status == 429 && full.code == "backtest_queue_full")
        let body = #"{"requested_by": "ann", "reason": "a mistake"}"#
        let waiting = try #require(await runner.ask(.post, "/v1/backtests/\(second)/cancel", body))
        #expect(waiting.json("status", as: String.self) == "cancelled")
        #expect(await runner.ask(.post, "/v1/runs/\(first)/cancel", body)?.status == 200)
        let ended = try await ground.wait(runner, first)
        #expect(ended.json("status", as: String.self) == "cancelled")
        #expect(ended.json("reason", as: String.self) == "cancelled by ann: a mistake")
        // Under the key it came with it stays as it is; asked for anew it begins again.
        #expect(try await ground.submit(runner, #"{"config": {"n": 2}}"#) == second)
        try await ground.wait(runner, second, "its start") { $0.json("status", as: String.self) == "running" }
        _ = await runner.ask(.post, "/v1/runs/\(second)/cancel")
        try await ground.wait(runner, second)
        let conflict = await runner.ask(.post, "/v1/runs/\(second)/cancel")
        #expect(conflict?.status == 200, "cancelled twice is cancelled")
    }

    @Test func `keeps its key: the same again is a replay, with another body a conflict`() async throws {
        let ground = try BacktestGround()
        let launcher = try ground.launcher("exit 3")
        let runner = try ground.start(["LEAN_LAUNCHER_COMMAND": launcher])
        let id = try await ground.submit(runner, #"{"config": {"n": 1}}"#, key: "k")
        let failed = try await ground.wait(runner, id)
        #expect(failed.json("reason", as: String.self) == "the launcher exited with 3")
        #expect(try await ground.submit(runner, #"{"config": {"n": 1}}"#, key: "k") == id)
        #expect(await runner.ask(.get, "/v1/backtests/\(id)")?.json("status", as: String.self) == "failed")
        let other = await runner.ask(
            .post, "/v1/backtests", #"{"config": {"n": 2}}"#, headers: [("Idempotency-Key", "k")])
        #expect(other?.status == 409 && other?.code == "idempotency_conflict")
    }
}
