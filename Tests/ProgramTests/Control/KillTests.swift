import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct `The kill switch` {
    private let program: Program
    private var latch: String { program.ground.folder + "/.torghut/KILL" }
    private var isLatched: Bool { FileManager.default.fileExists(atPath: latch) }

    init() throws { program = try Program(Ground()) }

    private func kill(_ more: String...) async throws -> Program.Output {
        try await program.run(["kill", "--reason", "prices look wrong", "--actor", "anna"] + more)
    }

    private func resume() async throws -> Program.Output {
        try await program.run("resume", "--reason", "prices are right", "--actor", "bert")
    }

    /// P8: the disk alone is enough, whatever else is missing or wrong.
    @Test(arguments: [[], ["--log", "kafka:127.0.0.1:1"], ["--log", "nonsense"]])
    func `stops here without a log, says that nobody has recorded it, and is not resumed without one`(
        log: [String]
    ) async throws {
        let killed = try await program.run(
            ["kill", "--reason", "r", "--actor", "a", "--wait", "300ms"] + log)
        #expect(killed.status == 3 && isLatched, "\(killed.text)\(killed.err)")
        #expect(killed.text.contains("stopped here") && killed.text.contains("NOT RECORDED"))
        guard log.isEmpty else { return }
        let status = try await program.run("control", "status", "--json")
        #expect(status.status == 3 && status.text.contains("\"reason\":\"r\""), "\(status.text)")
        let resumed = try await resume()
        #expect(resumed.status == 1 && isLatched, "\(resumed.err)")
        // The log comes later: the stop that only the disk knew is recorded, and then released by its name.
        try await program.prepared()
        #expect(try await resume().status == 0)
        #expect(!isLatched)
        let events = try await program.run("log", "read", "--topic", "torghut.control.v1", "--values")
        #expect(events.lines.map { $0.contains("kill_switch_engaged") } == [true, false])
        let first = try #require(events.lines.first)
        let id = try #require(try fields(first)["event_id"] as? String)
        #expect(events.lines.last?.contains("\"engaged_event_id\":\"\(id)\"") == true, "\(events.text)")
    }

    @Test func `is engaged at first, released by name, and engaged again`() async throws {
        try await program.prepared()
        let delivered = try await program.run("control", "status")
        #expect(delivered.status == 3 && delivered.text.contains("as delivered"), "\(delivered.text)")
        #expect(try await resume().status == 0)
        let open = try await program.run("control", "status")
        #expect(open.status == 0 && open.lines.last == "ok: orders may leave", "\(open.text)")
        let killed = try await kill()
        #expect(killed.status == 0 && isLatched && killed.text.contains("recorded: torghut.control.v1/0/"))
        let engaged = try await program.run("control", "status", "--json")
        #expect(engaged.status == 3 && engaged.lines.count == 2, "\(engaged.text)")
        #expect(try await resume().text.hasPrefix("released"))
        #expect(try await resume().text.hasPrefix("the kill switch was not engaged"))
        #expect(try await program.run("control", "status").status == 0)
    }

    /// A gate stopped, twice; a person lets go what he has seen, and nothing else.
    @Test func `is not what an emergency stop is: that one has a word of its own`() async throws {
        try await program.prepared()
        #expect(try await resume().status == 0)
        let latches = [latched(1), latched(2)].map { "{\"key\":\"global\",\"value\":\($0)}" }
        let appended = try await program.run(
            "log", "append", "--topic", "torghut.control.v1", input: latches.joined(separator: "\n") + "\n")
        try #require(appended.status == 0, "\(appended.err)")
        #expect(try await resume().text.hasPrefix("the kill switch was not engaged"))
        #expect(try await program.run("control", "status").status == 3)
        let killed = try await kill()
        #expect(killed.status == 0)
        let cleared = try await program.run(
            "resume", "--emergency", "--reason", "looked at it", "--actor", "bert")
        #expect(cleared.status == 0 && cleared.text.hasPrefix("the emergency stop is cleared"), "\(cleared.text)")
        let events = try await program.run("log", "read", "--topic", "torghut.control.v1", "--values")
        let last = try #require(events.lines.last)
        #expect(last.contains("control.emergency_stop_cleared") && last.contains(id(2)), "\(last)")
        // The kill switch is another stop: it stays as it is.
        let status = try await program.run("control", "status")
        #expect(status.status == 3 && !status.text.contains("emergency_stop"), "\(status.text)")
        #expect(try await resume().status == 0)
        #expect(try await program.run("control", "status").status == 0)
        let again = try await program.run("resume", "--emergency", "--reason", "r", "--actor", "bert")
        #expect(again.status == 0 && again.text.hasPrefix("no emergency stop is latched"), "\(again.text)")
    }

    private func id(_ number: Int) -> String { "01234567-89ab-8def-8123-00000000000\(number)" }

    private func latched(_ number: Int) -> String {
        let now = "2026-02-12T06:35:0\(number)Z"
        return """
            {"event_id":"\(id(number))","event_type":"control.emergency_stop_latched","version":1,"event_ts":"\(now)",\
            "ingest_ts":"\(now)","seq":0,"source":"gates","correlation_id":"\(id(number))","payload":\
            {"scope":"global","actor":"gates","reason":"a breach","stop_reasons":["lean_canary_breach"],\
            "latched_at":"\(now)","recoverable":false}}
            """
    }

    @Test func `asks who and why before it does anything`() async throws {
        for words in [["kill"], ["kill", "--reason", "r"], ["kill", "--actor", "a"], ["resume", "--actor", "a"]] {
            let refused = try await program.run(words)
            #expect(refused.status == 2 && refused.err.contains("needs --"), "\(refused.err)")
        }
        #expect(!isLatched)
        var trading = program
        trading.environment = ["TRADING_MODE": "live"]
        let live = try await trading.run(["kill", "--drill", "--reason", "r", "--actor", "a"])
        #expect(live.status == 2 && live.err.contains("paper mode only") && !isLatched, "\(live.err)")
    }

    /// A stop that somebody made by hand, or while the log was away, is on the log as soon as a process can say it.
    @Test func `made by hand is recorded by a process that runs here`() async throws {
        try await program.prepared()
        #expect(try await resume().status == 0)
        let running = try await RunningRoles(program, "gates")
        #expect(FileManager.default.createFile(atPath: latch, contents: nil))
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: latch)
        try await eventually("a recorded latch") {
            try await program.run("log", "read", "--topic", "torghut.control.v1").text.contains("latch_file")
        }
        #expect(try await resume().status == 0)
        #expect(!isLatched)
        #expect(try await program.run("control", "status").status == 0)
        #expect(try await running.stop() == 0)
    }

    @Test func `rings every process that runs here, and names the one that does not answer`() async throws {
        try await program.prepared()
        #expect(try await resume().status == 0)
        let running = try await RunningRoles(program, "gates")
        let reached = try await kill("--json")
        #expect(reached.status == 0, "\(reached.text)\(reached.err)")
        #expect((try fields(reached.lines[0])["reached"] as? [String])?.count == 1)
        running.signal(SIGSTOP)
        let missed = try await kill("--json")
        running.signal(SIGCONT)
        #expect(missed.status == 3, "\(missed.text)")
        #expect((try fields(missed.lines[0])["not_reached"] as? [String])?.count == 1)
        running.signal(SIGKILL)
        _ = try await running.process.finish()
        let alone = try await kill()
        #expect(alone.status == 0 && alone.text.contains("no process runs"), "\(alone.text)")
    }
}

@Suite struct `The port of a running process` {
    private func get(
        _ running: RunningRoles, _ path: String, post: Bool = false, token: String? = nil
    ) async throws -> HTTPResponse {
        let headers = token.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        let request = HTTPRequest(post ? .post : .get, running.address + path, headers: headers)
        return try await HTTPPool(lanes: 1).exchange(request).result.get()
    }

    @Test func `shows metrics that promtool reads, and health that is true`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let running = try await RunningRoles(program, "gates")
        try await eventually("health") { try await get(running, "/healthz").status == 200 }
        let metrics = try await get(running, "/metrics")
        let text = String(decoding: metrics.body, as: UTF8.self)
        try BusyScrape.lint(text)
        #expect(text.contains("torghut_trading_breaker_state{adapter=\"lean\",state=\"closed\"} 1"), "\(text)")
        #expect(text.contains("torghut_trading_kill_switch_engaged 1"))
        #expect(try await get(running, "/control/kill").status == 405)
        #expect(try await get(running, "/nothing").status == 404)
        #expect(try await running.stop() == 0)
    }

    @Test func `rings its bell only for those who know the token, if there is one`() async throws {
        var program = try Program(Ground())
        program.environment = ["TORGHUT_CONTROL_TOKEN": "a long secret"]
        try await program.prepared()
        let running = try await RunningRoles(program, "gates")
        for token in [nil, "", "a long secre", "a long secrets"] {
            #expect(
                try await get(running, "/control/kill", post: true, token: token).status == 401, "\(token ?? "none")")
        }
        let answer = try await get(running, "/control/kill", post: true, token: "a long secret")
        let text = String(decoding: answer.body, as: UTF8.self)
        // Nothing stops it: the latch is not there.
        #expect(answer.status == 200 && text.contains("\"engaged\":false,\"stopped\":false"), "\(text)")
        let killed = try await program.run("kill", "--reason", "r", "--actor", "a")
        #expect(killed.status == 0 && killed.text.contains("reached: "), "\(killed.text)")
        program.environment = [:]
        #expect(try await program.run("kill", "--reason", "r", "--actor", "a").text.contains("it answered 401"))
        #expect(try await running.stop() == 0)
    }
}
