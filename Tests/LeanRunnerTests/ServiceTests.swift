import Foundation
import HTTPClient
import HTTPServer
import TestSupport
import Testing

@testable import lean_runner

@Suite struct `The runner as a service` {
    private static let secret = "geheim-4711-und-noch-etwas"

    @Test func `lets in who shows the token, tells nobody what it is, and answers probes`() async throws {
        let ground = try RunnerGround(["TRADING_LEAN_RUNNER_TOKEN": Self.secret])
        let runner = try ground.start()
        #expect(await runner.submit("one")?.status == 200)
        for shown in ["", "Bearer", "Bearer geheim", "Bearer \(Self.secret)x", Self.secret, "Basic \(Self.secret)"] {
            for (method, path) in [
                ("GET", "/v1/orders"), ("POST", "/v1/orders/cancel-all"), ("GET", "/v1/observability"),
            ] {
                let answer = await runner.ask(
                    method == "GET" ? .get : .post, path, headers: [("Authorization", shown)])
                #expect(answer?.status == 401, "\(shown) \(path)")
                #expect(answer?.code == "unauthorized")
                #expect(answer?.json.text.contains(Self.secret) == false)
            }
        }
        for probe in ["/healthz", "/readyz"] {
            let answer = await runner.ask(.get, probe, headers: [("Authorization", "")])
            #expect(answer?.status == 200)
            #expect(answer?.json("contract_version", as: String.self) == "lean-v2")
        }
        #expect(try await runner.stopped() == 0)
        let said = try runner.said()
        #expect(said.contains("runner_stopped"))
        #expect(!said.contains(Self.secret) && !said.contains("secret"))
        for name in try FileManager.default.subpathsOfDirectory(atPath: ground.folder.path) {
            guard let file = FileManager.default.contents(atPath: ground.folder.path + "/" + name) else { continue }
            #expect(file.range(of: Data(Self.secret.utf8)) == nil, "\(name)")
        }
    }

    @Test func `compares a token to its end`() {
        let expected = Array("Bearer abc".utf8)
        #expect(BearerToken.equal(expected, expected))
        for wrong in ["", "Bearer ab", "Bearer abd", "Bearer abcd", "bearer abc"] {
            #expect(!BearerToken.equal(Array(wrong.utf8), expected))
        }
    }

    @Test func `reads its token from a file, and refuses to start without what it needs`() async throws {
        let ground = try RunnerGround()
        let file = ground.folder.path + "/token"
        try Data((Self.secret + "\n").utf8).write(to: URL(filePath: file))
        let runner = try ground.start("--token-file", file)
        #expect(await runner.ask(.get, "/v1/orders")?.status == 401)
        #expect(
            await runner.ask(.get, "/v1/orders", headers: [("Authorization", "Bearer " + Self.secret)])?.status == 200)
        for arguments in [["--token-file", file + "x"], ["--port", "x"], ["--nothing"], ["--host", "0.0.0.0"]] {
            let refused = #expect(throws: RunnerProgram.NotStarted.self) {
                try RunnerProgram(broker: ground.broker.address(), data: ground.folder.path, arguments: arguments)
            }
            #expect(refused?.status == 2, "\(arguments): \(refused?.said ?? "")")
            #expect(refused?.said.contains("lean-runner: ") == true)
        }
        // Its folder is in use.
        let second = #expect(throws: RunnerProgram.NotStarted.self) { try ground.start() }
        #expect(second?.status == 1, "\(second?.said ?? "")")
    }

    @Test func `ends what it began when it is told to stop`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        try await ground.tell("hang_after", "slow", milliseconds: 1_500)
        async let slow = runner.submit("slow")
        try await ground.submitted("slow")
        #expect(try await runner.stopped() == 0)
        // The broker hung up without a word: that was told, and not cut off.
        #expect(await slow?.outcome == "unknown")
    }

    @Test func `ends within its limit whatever hangs`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start("--drain-seconds", "1")
        try await ground.tell("hang_before", "slow", milliseconds: 60_000)
        async let slow = runner.submit("slow")
        try await ground.submitted("slow")
        let start = ContinuousClock.now
        #expect(try await runner.stopped() == 0)
        #expect(ContinuousClock.now - start < .seconds(15))
        #expect(await slow == nil)
    }

    @Test func `serves orders also when its backtests cannot be read`() async throws {
        let ground = try RunnerGround(["TRADING_LEAN_RUNNER_TOKEN": Self.secret])
        try FileManager.default.createDirectory(
            atPath: ground.folder.path + "/runner", withIntermediateDirectories: true)
        // A file where their folder belongs.
        try Data("x".utf8).write(to: URL(filePath: ground.folder.path + "/runner/backtests"))
        let runner = try ground.start()
        #expect(await runner.submit("one")?.status == 200)
        let run = String(repeating: "0a", count: 10)
        for path in ["/v1/backtests/\(run)", "/v1/runs/\(run)", "/v1/runs/\(run)/artifacts"] {
            let refused = await runner.ask(.get, path)
            #expect(refused?.status == 503)
            #expect(refused?.code == "backtest_store_unavailable")
            #expect(await runner.ask(.get, path, headers: [("Authorization", "")])?.status == 401)
        }
        #expect(try runner.said().contains("backtests_unavailable"))
        #expect(try await runner.stopped() == 0)
    }

    @Test func `counts each operation, and each kind of failure`() async throws {
        let ground = try RunnerGround()
        try await ground.tell("reject", "poor")
        let runner = try ground.start()
        _ = await runner.submit("rich")
        _ = await runner.submit("poor")
        _ = await runner.ask(.post, "/v1/orders/submit", "{}")
        let seen = try #require(await runner.ask(.get, "/v1/observability"))
        #expect(seen.json("service", as: String.self) == "torghut-lean-runner")
        #expect(seen.json("metrics", "requests_total", as: Int.self) == 3)
        #expect(seen.json("metrics", "failures_total", as: Int.self) == 2)
        #expect(seen.json("metrics", "latency_ms_avg", as: Double.self) ?? 0 > 0)
        #expect(seen.json("metrics", "operations", "submit_order", "requests_total", as: Int.self) == 3)
        let failures = seen.json("metrics", "operations", "submit_order", "failures", as: [String: Int].self)
        #expect(failures == ["broker_rejected": 1, "contract_missing_required_field": 1])
        #expect(seen.json("authority", "authoritative_modes", as: [String].self) == [])
        let metrics = try #require(await runner.ask(.get, "/metrics")).json.text
        #expect(metrics.contains(#"torghut_lean_runner_requests_total{operation="submit_order"} 3"#))
        #expect(metrics.contains(#"torghut_lean_runner_broker_calls_total{verdict="accepted"} 1"#))
        #expect(metrics.contains("torghut_lean_runner_ledger_keys 2"))
    }
}
