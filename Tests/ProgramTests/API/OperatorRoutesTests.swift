import Foundation
import TestSupport
import Testing

@Suite struct `Operators at the API` {
    private static let samples = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../WireTests/Samples").standardizedFileURL.path

    private func append(_ sample: String, to topic: String, key: String, _ program: Program) async throws {
        let text = try String(contentsOfFile: "\(Self.samples)/\(sample)", encoding: .utf8)
            .replacing("\n", with: "")
        let line = "{\"key\":\"\(key)\",\"value\":\(text)}"
        let appended = try await program.run(["log", "append", "--topic", topic], input: Array(line.utf8))
        try #require(appended.status == 0, "\(appended.err)")
    }

    private func said(_ topic: String, _ program: Program) async throws -> String {
        try await program.run("log", "read", "--topic", topic, "--values").text
    }

    /// The same events as the command line's, with the token's name and the reason, seen by the command line.
    @Test func `switch, hold, vouch and enable, each by an event with actor and reason`() async throws {
        let projecting = try await Projecting()
        let program = projecting.program
        let api = try await RunningAPI(program, roles: "api,projections", address: projecting.database.address)
        try await eventually("readiness") { try await api.curl("/readyz").status == 200 }
        let intent = "00000000-0000-8000-8000-000000000002"
        let words: [(String, String, String)] = [
            ("lanes/lean/dry-run", "", "control.lane_disabled"),
            ("lanes/live_shadow_execution/disable", "", "control.lane_disabled"),
            ("reviews/open", #","symbol":"BTC/USD""#, "control.symbol_review_opened"),
            ("emergency-stop/latch", "", "control.emergency_stop_latched"),
            (
                "strategies/s1/enable", #","definition": {"type" : "tsmom", "universe":["AAPL"]}"#,
                "control.strategy_enabled"
            ),
            ("strategies/s2/enable", "", "control.strategy_enabled"),
            ("strategies/s2/disable", "", "control.strategy_disabled"),
            ("policy", "", "control.policy_changed"),
        ]
        for (number, (path, more, _)) in words.enumerated() {
            let answer = try await api.post(
                "/trading/control/\(path)?wait=30", "{\"reason\":\"because \(number)\"\(more)}")
            #expect(answer.status == 200 && answer.body.contains("\"reflected\":true"), "\(path): \(answer)")
        }
        let lines = try await said("torghut.control.v1", program).split(separator: "\n")
        try #require(lines.count == words.count, "\(lines)")
        for (number, line) in lines.enumerated() {
            let isSo = line.contains(words[number].2) && line.contains("anna") && line.contains("because \(number)")
            #expect(isSo, "\(words[number]): \(line)")
        }
        for (kind, more) in [
            ("attempt_not_live", ""), ("attempt_live", #","alpaca_order_id":"b1""#), ("release_hold", ""),
            ("route", #","adapter":"alpaca","evidence":{"seen":1}"#),
        ] {
            let body = "{\"reason\":\"seen\",\"kind\":\"\(kind)\",\"intent_id\":\"\(intent)\"\(more)}"
            #expect(try await api.post("/trading/control/overrides", body).status == 200)
        }
        for body in [
            #"{"reason":"x","kind":"route","intent_id":"\#(intent)"}"#,
            #"{"reason":"x","kind":"attempt_live","intent_id":"\#(intent)"}"#,
        ] { #expect(try await api.post("/trading/control/overrides", body).status == 422) }
        let status = try await program.run("control", "status")
        for word in ["dry_run", "live_shadow_execution", "BTC/USD", "latched", "attempt_live", "route"] {
            #expect(status.text.contains(word), "\(word): \(status.text)\(status.err)")
        }
        let listed = try await program.run("strategies", "list", "--json")
        #expect(listed.text.contains("\"s1\"") && listed.text.contains("enabled"), "\(listed.text)")
        let again = try await api.post("/trading/control/policy", #"{"reason":"again"}"#)
        #expect(again.status == 200 && again.body.contains("\"said_at\":null"), "\(again)")
        let rows = try await api.curl("/trading/control/state?control=lane&scope=lane:execution")
        #expect(rows.body.contains("dry_run") && rows.body.contains("because 0"), "\(rows)")
        #expect(try await api.curl("/trading/strategies?strategy=s1").body.contains("\"enabled\":true"))
        let shown = try await api.curl("/trading/control").body
        #expect(shown.contains("\"execution\":\"dry_run\"") && shown.contains("\"strategies\":[\"s1\"]"), "\(shown)")
        let cleared = try await api.post("/trading/control/reviews/clear", #"{"reason":"x","symbol":"BTC/USD"}"#)
        #expect(cleared.status == 200 && cleared.body.contains("may trade again"), "\(cleared)")
        #expect(try await api.roles.stop() == 0)
    }

    /// Writers of one name fence one another: whoever comes at the same time has to wait, and not to fail.
    @Test func `may all speak at once`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let api = try await RunningAPI(
            program, roles: "api", address: "host=\(program.ground.folder) user=nobody dbname=none")
        let script = """
            import http.client, sys, threading
            answers = []
            def speak():
                for number in range(5):
                    connection = http.client.HTTPConnection(sys.argv[1], timeout=50)
                    head = {"Authorization": "Bearer " + sys.argv[2], "Content-Type": "application/json"}
                    path = ["lanes/lean/enable", "kill", "resume"][number % 3]
                    connection.request("POST", "/trading/control/" + path, '{"reason":"all at once"}', head)
                    answers.append(connection.getresponse().status)
            threads = [threading.Thread(target=speak) for _ in range(40)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            print({status: answers.count(status) for status in set(answers)})
            # Somebody may stop again while another resumes.
            sys.exit(0 if len(answers) == 200 and set(answers) <= {200, 409} else 1)
            """
        let host = api.address.replacing("http://", with: "")
        let verdict = try await aside { try Judge.run("/usr/bin/python3", ["-c", script, host, RunningAPI.trader]) }
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `end incidents and discrepancies once, and patch what waits`() async throws {
        let projecting = try await Projecting()
        let program = projecting.program
        try await program.prepared()
        try await append("canary/incident.json", to: "torghut.lean.canary.v1", key: "canary", program)
        try await append("order_events/discrepancy.json", to: "torghut.order-events.v1", key: "AAPL", program)
        try await projecting.append([Shadows.poison(0, symbol: "S1")])
        let api = try await RunningAPI(program, roles: "api,projections", address: projecting.database.address)
        for path in ["/trading/lean/canary/incidents", "/trading/discrepancies"] {
            try await eventually("a row at \(path)") {
                let list = try await api.curl(path + "?status=open")
                return list.status == 200 && list.body != "[]"
            }
        }
        let key = "0123456789abcdef01234567"
        let canary = try await api.curl("/trading/lean/canary")
        #expect(canary.status == 200 && canary.body.contains(key) && canary.body.contains("\"ok\":false"), "\(canary)")
        let incident = "/trading/lean/canary/incidents/\(key)"
        let open = try await api.curl(incident)
        #expect(
            open.status == 200 && open.header("Torghut-Position")?.contains("torghut.lean.canary.v1=1") == true,
            "\(open)")
        let reason = #"{"reason":"looked at it"}"#
        let resolved = try await api.post(incident + "/resolve?wait=30", reason)
        #expect(resolved.status == 200 && resolved.body.contains("\"reflected\":true"), "\(resolved)")
        #expect(try await api.curl(incident).body.contains("\"resolved_by\":\"anna\""))
        #expect(try await api.post(incident + "/resolve", reason).status == 409)
        #expect(try await api.post("/trading/lean/canary/incidents/none/resolve", reason).status == 404)
        #expect(try await api.curl("/trading/lean/canary").body.contains("\"incidents\":[]"))

        let list = try await api.curl("/trading/discrepancies?status=open").body
        let id = try #require(list.firstMatch(of: #/"discrepancy_id":"([0-9a-f-]+)"/#)?.output.1)
        let client = api.client
        let both = try await withThrowingTaskGroup(of: RunningAPI.Answer.self) { group in
            for _ in 0..<4 {
                group.addTask { try await client.post("/trading/discrepancies/\(id)/resolve?wait=30", reason) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(both.map(\.status).sorted() == [200, 409, 409, 409], "\(both)")
        #expect(both.contains { $0.body.contains("\"reflected\":true") }, "\(both)")
        let row = try await api.curl("/trading/discrepancies/\(id)")
        #expect(row.body.contains("\"status\":\"resolved\"") && row.body.contains("looked at it"), "\(row)")
        #expect(try await api.post("/trading/discrepancies/\(id)/resolve", reason).status == 409)
        let unknown = "/trading/discrepancies/01234567-89ab-8def-8123-000000000001"
        #expect(try await api.post(unknown + "/resolve", reason).status == 404)
        #expect(try await api.curl(unknown).status == 404)
        try await decide(api)
        #expect(try await api.roles.stop() == 0)
    }

    private func decide(_ api: RunningAPI) async throws {
        var record = ""
        try await eventually("a parked record") {
            let list = try await api.curl("/trading/quarantine?status=parked").body
            guard let row = list.firstMatch(of: #/"source_partition":([0-9]+),"source_offset":([0-9]+)/#) else {
                return false
            }
            record = "\(Projecting.topic)/\(row.output.1)/\(row.output.2)"
            return true
        }
        func body(_ action: String, _ more: [String: String] = [:], dry: Bool = false) throws -> String {
            var fields: [String: any Sendable] = ["record": record, "action": action, "reason": "a test"]
            for (name, value) in more { fields[name] = value }
            if dry { fields["dry_run"] = true }
            return String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
        }
        let hopeless = try await api.post("/trading/quarantine", try body("release"))
        #expect(hopeless.status == 409 && hopeless.body.contains("would not fold it"), "\(hopeless)")
        #expect(try await api.post("/trading/quarantine", try body("patch")).status == 422)
        #expect(try await api.post("/trading/quarantine", try body("skip", ["value": "x"])).status == 422)
        #expect(try await api.post("/trading/quarantine", try body("patch", ["value": "{"])).status == 409)
        #expect(
            try await api.post("/trading/quarantine", try body("skip", ["projection": "executions"])).status == 404)
        let value = ["value": Shadows.value(0, symbol: "S1")]
        let dry = try await api.post("/trading/quarantine", try body("patch", value, dry: true))
        #expect(
            dry.status == 200 && dry.body.contains("\"would\":\"fold\",") && dry.body.contains("\"said_at\":[]"),
            "\(dry)")
        let done = try await api.post("/trading/quarantine?wait=30", try body("patch", value))
        #expect(done.status == 200 && done.body.contains("\"reflected\":true"), "\(done)")
        #expect(try await api.curl("/trading/quarantine?status=patched").body.contains("\"last_action_by\":\"anna\""))
        try await eventually("the record's end") {
            try await api.post("/trading/quarantine", try body("skip")).status == 409
        }
    }

    @Test func `ask for a backtest, follow it, and find the same one again`() async throws {
        let projecting = try await Projecting()
        var program = projecting.program
        let folder = TemporaryFolder()
        let market = folder.path + "/runner/market"
        try FileManager.default.createDirectory(atPath: market, withIntermediateDirectories: true)
        var bars = "ts,open,high,low,close,volume\n"
        for index in 0..<50 { bars += "\(1_700_000_040_000 + index * 60_000),100,102,98,101,500\n" }
        try bars.write(toFile: market + "/bars.csv", atomically: true, encoding: .utf8)
        let runner = try RunnerProgram(broker: "http://127.0.0.1:9", data: folder.path)
        program.environment["TRADING_LEAN_RUNNER_URL"] = runner.address
        program.environment["TRADING_LEAN_BACKTEST_ENABLED"] = "true"
        program.environment["TRADING_LEAN_BACKTEST_POLL_MS"] = "50"
        let api = try await RunningAPI(program, roles: "api,projections,lanes", address: projecting.database.address)
        try await eventually("readiness") { try await api.curl("/readyz").status == 200 }
        let body = """
            {"lane":"research","config":{"symbols":["BTC/USD"],"data":[{"path":"bars.csv","format":"csv","holds":"bars"}],\
            "strategies":[{"strategy_id":"t","type":"legacy_macd_rsi","version":"1.0.0"}]}}
            """
        let asked = try await api.post("/trading/lean/backtests?wait=30", body)
        #expect(asked.status == 202 && asked.body.contains("\"reflected\":true"), "\(asked)")
        #expect(
            asked.body.contains("\"requested_by\":\"anna\"") && asked.body.contains("\"repeated\":false"), "\(asked)")
        let id = try #require(asked.body.firstMatch(of: #/"backtest_id":"([0-9a-f]+)"/#)?.output.1)
        let again = try await api.post("/trading/lean/backtests", body)
        #expect(again.status == 202 && again.body.contains("\"repeated\":true") && again.body.contains(id), "\(again)")
        try await eventually("the end of the run") {
            try await api.curl("/trading/lean/backtests/\(id)").body.contains("\"status\":\"completed\"")
        }
        let run = try await api.curl("/trading/lean/backtests/\(id)")
        #expect(run.body.contains("\"deterministic_replay_passed\":true"), "\(run)")
        #expect(run.header("Torghut-Position")?.contains(" torghut.lean.backtests.v1=") == true, "\(run)")
        let progress = try await api.curl("/trading/lean/backtests/\(id)/progress")
        #expect(progress.status == 200 && progress.body.contains("\"status\":\"completed\""), "\(progress)")
        try await equity(of: String(id), run.body, api)
        let reason = #"{"reason":"late"}"#
        #expect(try await api.post("/trading/lean/backtests/\(id)/cancel", reason).status == 409)
        #expect(try await api.post("/trading/lean/backtests/none/cancel", reason).status == 404)
        #expect(try await api.curl("/trading/lean/backtests/none/progress").status == 404)
        #expect(try await api.curl("/trading/lean/backtests?lane=research_backtest").body.contains(id))
        let lines = try await said("torghut.lean.backtests.v1", program).split(separator: "\n")
        #expect(lines.count { $0.contains("backtest.submitted") } == 1, "\(lines)")
        try await runner.killed()
        #expect(try await api.curl("/trading/lean/backtests/\(id)/progress").status == 503)
        #expect(try await api.curl("/trading/lean/backtests/\(id)/equity").status == 503)
        #expect(try await api.roles.stop() == 0)
    }

    /// Point by point, and the very file whose hash the read model has.
    private func equity(of id: String, _ run: String, _ api: RunningAPI) async throws {
        let curve = try await api.curl("/trading/lean/backtests/\(id)/equity")
        try #require(curve.status == 200, "\(curve)")
        let said = try fields(curve.body)
        let points = try #require(said["points"] as? [[String: String]])
        let result = try #require(try fields(run)["result"] as? [String: any Sendable])
        let summary = try #require(result["summary"] as? [String: any Sendable])
        #expect(points.count == 50 && points.last?["equity"] == summary["final_equity"] as? String, "\(points.count)")
        #expect(try run.contains("\"sha256\":\"\(#require(said["sha256"] as? String))\""), "\(run)")
        let listed = try await api.curl("/trading/lean/backtests?status=completed").body
        #expect(try listed.contains("\"final_equity\":\"\(#require(points.last?["equity"]))\""), "\(listed)")
        #expect(try await api.curl("/trading/lean/backtests/none/equity").status == 404)
    }
}
