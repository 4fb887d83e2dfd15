import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct `A launched engine` {
    private func end(
        of script: String, _ environment: [String: String] = [:]
    ) async throws -> (answer: RunnerProgram.Answer, ground: BacktestGround) {
        let ground = try BacktestGround()
        var variables = ["LEAN_LAUNCHER_COMMAND": try ground.launcher(script)]
        variables.merge(environment) { $1 }
        let runner = try ground.start(variables)
        let answer = try await ground.wait(runner, try await ground.submit(runner, #"{"config": {"any": "thing"}}"#))
        return (answer, ground)
    }

    @Test func `gets the configuration, answers with a summary, and is not taken for proven`() async throws {
        let script = #"""
            case "$(cat "$1")" in *'"any":"thing"'*) ;; *) exit 9;; esac
            [ -z "$APCA_API_SECRET_KEY" ] || exit 8
            echo '{"summary": {"net_pnl": "1"}}'
            """#
        let (answer, _) = try await end(of: script)
        #expect(
            answer.json("status", as: String.self) == "completed", "\(answer.json("reason", as: String.self) ?? "")")
        #expect(answer.json("authority_mode", as: String.self) == "unverified_replay")
        #expect(answer.json("deterministic_replay_passed", as: Bool.self) == true)
        #expect(answer.json("result", "summary", "net_pnl", as: String.self) == "1")
    }

    @Test(arguments: [
        ("echo nonsense", "answer is"), ("echo '[1]'", "no object 'summary'"), ("exit 1", "exited with 1"),
        ("kill -9 $$", "ended by signal 9"), (#"echo '{"summary": {}}'"#, "no object 'summary'"),
        ("exec yes", "more than 8388608 bytes"), ("cat /dev/zero > big; sleep 60", "bytes to its folder"),
        ("exec dd if=/dev/zero of=big bs=65536 2>&-", "launcher"),
    ])
    func `that does not do its part fails the run and is named`(script: String, reason: String) async throws {
        let (answer, _) = try await end(of: script, ["LEAN_LAUNCHER_MAX_OUTPUT_BYTES": "1000000"])
        #expect(answer.json("status", as: String.self) == "failed")
        #expect(answer.json("failure_taxonomy", as: String.self) == "backtest_failed")
        let said = answer.json("reason", as: String.self) ?? ""
        #expect(said.contains(reason), "\(said)")
    }

    @Test func `that answers differently the second time has proved nothing`() async throws {
        let (answer, _) = try await end(of: #"echo "{\"summary\": {\"at\": \"$$ $(date +%N)\"}}""#)
        #expect(answer.json("failure_taxonomy", as: String.self) == "replay_nondeterministic")
        #expect(answer.json("deterministic_replay_passed", as: Bool.self) == false)
    }

    /// Whether a process is there; one that ended and was not waited for counts as gone.
    private func lives(_ id: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
        return !text.contains(") Z ")
    }

    private func gone(_ id: Int32) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while lives(id) {
            guard ContinuousClock.now < deadline else { throw NeverCame("the end of \(id)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func child(of ground: BacktestGround) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let text = try? String(contentsOfFile: ground.folder.path + "/child", encoding: .utf8)
            if let id = text.flatMap({ Int32($0.filter(\.isNumber)) }) { return id }
            guard ContinuousClock.now < deadline else { throw NeverCame("the launcher's child") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func `that hangs is ended with all it started`() async throws {
        let ground = try BacktestGround()
        let script = "sleep 600 & echo $! > \(ground.folder.path)/child; trap '' TERM; sleep 600; sleep 600"
        let runner = try ground.start([
            "LEAN_LAUNCHER_COMMAND": try ground.launcher(script), "LEAN_LAUNCHER_TIMEOUT_SECONDS": "1",
        ])
        let answer = try await ground.wait(runner, try await ground.submit(runner, #"{"config": {"any": 1}}"#))
        #expect(answer.json("failure_taxonomy", as: String.self) == "timeout")
        try await gone(try await child(of: ground))
    }

    @Test func `finds its configuration though the runner's folder is given from where it started`() async throws {
        let ground = try BacktestGround()
        let ups = String(repeating: "../", count: FileManager.default.currentDirectoryPath.split(separator: "/").count)
        let launcher = try ground.launcher(#"[ -d "$TMPDIR" ] && cat "$1" > /dev/null && echo '{"summary": {"a": 1}}'"#)
        let runner = try RunnerProgram(
            broker: "http://127.0.0.1:9", data: ups + ground.folder.path.dropFirst(),
            environment: ["LEAN_LAUNCHER_COMMAND": launcher])
        let answer = try await ground.wait(runner, try await ground.submit(runner, #"{"config": {"any": 1}}"#))
        #expect(
            answer.json("status", as: String.self) == "completed", "\(answer.json("reason", as: String.self) ?? "")")
    }

    @Test func `ends with what left its group, and with what outlived its first process`() async throws {
        let ground = try BacktestGround()
        let script = #"""
            setsid sleep 600 & echo $! > \#(ground.folder.path)/child
            echo '{"summary": {"a": 1}}'
            """#
        let runner = try ground.start(["LEAN_LAUNCHER_COMMAND": try ground.launcher(script)])
        let answer = try await ground.wait(runner, try await ground.submit(runner, #"{"config": {"any": 1}}"#))
        #expect(answer.json("status", as: String.self) == "completed")
        try await gone(try await child(of: ground))
    }

    @Test func `that outlives a killed runner is ended by the next one`() async throws {
        let ground = try BacktestGround()
        let script = "setsid sleep 600 & echo $! > \(ground.folder.path)/child; sleep 600; sleep 600"
        let environment = ["LEAN_LAUNCHER_COMMAND": try ground.launcher(script)]
        let runner = try ground.start(environment)
        let id = try await ground.submit(runner, #"{"config": {"any": 1}}"#)
        let first = try await child(of: ground)
        try await runner.killed()
        #expect(lives(first))
        try FileManager.default.removeItem(atPath: ground.folder.path + "/child")
        let next = try ground.start(environment)
        try await gone(first)
        // It begins anew, and a stop in good order takes it along.
        let second = try await child(of: ground)
        #expect(await next.ask(.get, "/v1/backtests/\(id)")?.json("attempts", as: Int.self) == 2)
        #expect(try await next.stopped() == 0)
        try await gone(second)
    }
}
