import Bus
import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `The checklist of what lies behind the log` {
    /// One word of each topic is enough to know its table.
    static let tables = TopicCatalog.all.map { topic in
        let short = topic.name.replacing("torghut.", with: "")
        let stem = short.hasPrefix("trade-updates") ? short : short.replacing(".v1", with: "")
        return (topic: topic.name, table: stem.replacing(".", with: "_").replacing("-", with: "_"))
    }

    /// Longer than a look takes, so that a heartbeat of meanwhile is none that is missing.
    private static let lag = 8

    private struct Answer {
        let status: Int32
        let lines: [[String: any Sendable]]
        let text: String

        init(_ output: Program.Output) throws {
            status = output.status
            lines = try output.lines.map(fields)
            text = output.text + output.err
        }

        /// The lines of one part, as `name: verdict: says`.
        func part(_ part: String) -> [String] {
            lines.filter { $0["part"] as? String == part }.map {
                "\($0["name"] ?? "?"): \($0["verdict"] ?? "?"): \($0["says"] ?? "?")"
            }
        }

        var failing: [String] {
            lines.filter { $0["part"] != nil && $0["verdict"] as? String == "no" }.map { "\($0["name"] ?? "?")" }
        }
    }

    private static func verify(_ program: Program, _ arguments: String...) async throws -> Answer {
        try Answer(try await program.run(["downstream", "verify", "--json"] + arguments))
    }

    /// Heartbeats go on while the rest of the day is over: they reach the table as a reader would bring them.
    private static func beat(_ program: Program, _ neighbours: Neighbours) async throws {
        try await neighbours.take([(TopicCatalog.heartbeats.name, "heartbeats")], from: program)
    }

    /// A day on the log, the same in ClickHouse, a job that runs, and a process that serves.
    private func stage() async throws -> (program: Program, neighbours: Neighbours, api: RunningAPI) {
        var program = try Program(Ground())
        try await program.prepared()
        try await program.tell(StoryTeller(StoryTeller.Settings(seed: 11, orders: 120, symbols: 6, open: 12)))
        let neighbours = try await Neighbours()
        try await neighbours.take(Self.tables, from: program)
        let api = try await RunningAPI(program, roles: "api", address: "postgresql://127.0.0.1:1/none")
        program.environment.merge([
            "CLICKHOUSE_URL": neighbours.address, "CLICKHOUSE_USER": Neighbours.user,
            "CLICKHOUSE_PASSWORD": Neighbours.password, "TORGHUT_FLINK_URL": neighbours.address + "/flink",
            "TORGHUT_SCHEDULER_URL": api.address, "TORGHUT_SCHEDULER_TOKEN": RunningAPI.lookers,
            "TORGHUT_CLICKHOUSE_MAX_LAG_SECONDS": "\(Self.lag)",
        ]) { $1 }
        return (program, neighbours, api)
    }

    @Test func `is green when all is well, and names the line that is not`() async throws {
        let (program, neighbours, api) = try await stage()
        var well: Answer?
        try await eventually("a role that is heard, and a day that is over") {
            try await Self.beat(program, neighbours)
            well = try await Self.verify(program, "--strict")
            return well?.status == 0
                && well?.part("clickhouse").contains { $0.hasPrefix("torghut.route: ok: 0 of") } == false
        }
        let green = try #require(well)
        #expect(green.part("topic").count == TopicCatalog.all.count && green.part("clickhouse").count == 15)
        #expect(
            green.part("clickhouse").contains {
                $0.hasPrefix("torghut.route: ok: ") && $0.hasSuffix("up to the last one")
            })
        #expect(green.part("flink")[0].hasPrefix("torghut-downstream: ok: RUNNING, 20 tasks, last checkpoint "))
        #expect(green.part("scheduler").count == 2 && green.lines.last?["verdict"] as? String == "ok")
        try await failures(of: program, neighbours)
        try await jobs(program, neighbours)
        #expect(try await api.roles.stop() == 0)
    }

    /// What is done to ClickHouse, and what has to be said of it.
    private func failures(of program: Program, _ neighbours: Neighbours) async throws {
        try await neighbours.run(
            "ALTER TABLE torghut.route_log DELETE WHERE log_offset = 3 SETTINGS mutations_sync = 2")
        try await Self.beat(program, neighbours)
        let lost = try await Self.verify(program)
        #expect(lost.status == 3 && lost.failing == ["torghut.route"], "\(lost.text)")
        #expect(lost.part("clickhouse").contains { $0.contains("torghut.route: no: ") && $0.contains(" are missing") })
        try await neighbours.run(
            """
            INSERT INTO torghut.control_log (event_id, event_type, event_ts, ingest_ts, log_partition, log_offset,
                log_timestamp) VALUES (generateUUIDv4(), 'control.made_up', now() - 9000, now() - 9000, 0, 0, now() - 9000)
            """)
        try await Self.beat(program, neighbours)
        #expect(try await Self.verify(program).failing == ["torghut.route", "torghut.control"])
        // The last offset alone: what was lost and added lies before it.
        #expect(try await Self.verify(program, "--last", "1").failing == [])
        try await neighbours.run("DROP VIEW torghut.account")
        try await Self.beat(program, neighbours)
        let gone = try await Self.verify(program, "--last", "1")
        #expect(gone.failing == ["torghut.account"] && gone.text.contains("Code: 60"), "\(gone.text)")
        var other = program
        other.environment["CLICKHOUSE_PASSWORD"] = "another-secret"
        let refused = try await Self.verify(other)
        #expect(refused.status == 3 && refused.failing.count == 15 && refused.text.contains("it answers 403"))
        #expect(!refused.text.contains("another-secret"))
        other.environment["CLICKHOUSE_URL"] = "http://127.0.0.1:1"
        #expect(try await Self.verify(other).failing.count == 15)
        other.environment["CLICKHOUSE_URL"] = nil
        other.environment["TORGHUT_SCHEDULER_TOKEN"] = "nobody"
        let unasked = try await Self.verify(other)
        #expect(unasked.part("clickhouse") == ["clickhouse: not asked: not asked: no CLICKHOUSE_URL set"])
        #expect(unasked.failing == ["/trading/status"] && !unasked.text.contains("nobody"), "\(unasked.text)")
        other.environment["TORGHUT_SCHEDULER_TOKEN"] = RunningAPI.lookers
        let open = try await Self.verify(other)
        #expect(open.status == 0 && open.text.contains("1 not asked"), "\(open.text)")
        #expect(try await Self.verify(other, "--strict").status == 3)
    }

    private static func append(_ value: String, to topic: CatalogTopic, of program: Program) async throws {
        let line = #"{"key":"paper","value":\#(value)}"#
        let appended = try await program.run(["log", "append", "--topic", topic.name], input: Array(line.utf8))
        try #require(appended.status == 0, "\(appended.err)")
    }

    /// What is on the log in one topic alone, and what has to be said of it when it is settled.
    @Test func `sees a reader that died while news came on, and rows that no record stands for`() async throws {
        let (program, neighbours, api) = try await stage()
        func says(_ table: String) async throws -> String? {
            try await Self.verify(program).part("clickhouse").first { $0.hasPrefix("torghut.\(table): ") }
        }
        // Heartbeats came on and were never read: the last one is younger than it may be late.
        try await eventually("a dead reader of heartbeats") {
            try await says("heartbeats") == "torghut.heartbeats: no: 0 rows, nothing came"
        }
        try await Self.beat(program, neighbours)
        #expect(try await says("heartbeats")?.hasPrefix("torghut.heartbeats: ok: ") == true)
        // What is no event is kept as it came, twice too, and is as good as the last one.
        for _ in 0..<2 {
            try await Self.append(
                #"{"event_id":"00000000-0000-8000-8000-000000000009","event_type":"x","event_ts":"yesterday"}"#,
                to: TopicCatalog.decisions, of: program)
        }
        try await Self.append("null", to: TopicCatalog.decisions, of: program)
        try await neighbours.take([(TopicCatalog.decisions.name, "decisions")], from: program)
        try await eventually("settled decisions") {
            let said = try await says("decisions") ?? ""
            return said.hasPrefix("torghut.decisions: ok: ") && said.hasSuffix("up to the last one")
        }
        try await neighbours.run(
            """
            INSERT INTO torghut.account_log (event_id, event_type, event_ts, ingest_ts, log_partition, log_offset,
                log_timestamp) VALUES (generateUUIDv4(), 'x', now() - 900, now() - 900, 0, 1000000, now() - 900)
            """)
        #expect(try await says("account") == "torghut.account: no: 1 rows beyond the log's end")
        #expect(try await api.roles.stop() == 0)
    }

    private func jobs(_ program: Program, _ neighbours: Neighbours) async throws {
        var program = program
        program.environment["CLICKHOUSE_URL"] = nil
        for (change, says) in [
            (#"{"state":"FAILED"}"#, "it is FAILED"), (#"{"state":"RESTARTING"}"#, "it is RESTARTING"),
            (#"{"running":7}"#, "only 7 of 20 tasks run"), (#"{"running":0,"tasks":0}"#, "only 0 of 0 tasks run"),
            (#"{"name":"another"}"#, "there are: another"), (#"{"second":"RUNNING"}"#, "2 jobs of this name"),
            (#"{"checkpoint_age":600}"#, " s ago, more than 180"), (#"{"checkpoints":"none"}"#, "takes no checkpoints"),
            (#"{"checkpoints":"never"}"#, "no checkpoint was ever whole"),
        ] {
            try await neighbours.flink(change)
            let answer = try await Self.verify(program)
            #expect(answer.status == 3 && answer.failing == ["torghut-downstream"], "\(change): \(answer.text)")
            #expect(answer.part("flink")[0].contains(says), "\(change): \(answer.text)")
        }
        // One that failed beside one that runs is what was there before.
        try await neighbours.flink(#"{"second":"FAILED"}"#)
        #expect(try await Self.verify(program).status == 0)
        try await neighbours.flink(#"{"checkpoint_age":600}"#)
        program.environment["TORGHUT_FLINK_CHECKPOINT_MAX_AGE_SECONDS"] = "900"
        #expect(try await Self.verify(program).status == 0)
        program.environment["TORGHUT_FLINK_JOBS"] = "torghut-downstream, ta"
        #expect(try await Self.verify(program).failing == ["ta"])
    }

    @Test func `names every setting that cannot be meant, and no secret`() async throws {
        var program = try Program(Ground())
        try await program.prepared()
        program.environment = [
            "TORGHUT_FLINK_URL": "ftp://flink", "TORGHUT_SCHEDULER_URL": "http://user:hidden@127.0.0.1:1",
            "TORGHUT_PROMETHEUS_URL": "http://prometheus.example:9090", "TORGHUT_CLICKHOUSE_MAX_LAG_SECONDS": "0",
            "CLICKHOUSE_URL": "127.0.0.1:8123", "TORGHUT_SCHEDULER_TOKEN": "to\nken",
        ]
        let answer = try await program.run("downstream", "verify")
        #expect(answer.status == 2)
        for name in program.environment.keys where name != "TORGHUT_SCHEDULER_TOKEN" {
            #expect(answer.err.contains("torghut: \(name)"), "\(name): \(answer.err)")
        }
        #expect(!answer.err.contains("hidden") && !answer.err.contains("ken"), "\(answer.err)")
        program.environment = ["TORGHUT_FLINK_URL": "http://flink.example:8081"]
        #expect(
            try await program.run("downstream", "verify").err.contains("plain http to flink.example is not allowed"))
        for wrong in [
            ["--within", "x=1s"], ["--within", "torghut.route.v1=soon"], ["--last", "0"], ["--timeout", "3h"],
        ] {
            #expect(try await program.run(["downstream", "verify"] + wrong).status == 2, "\(wrong)")
        }
    }

    @Test func `sees a topic that is missing, one without news, and a log that is not there`() async throws {
        let program = try Program(Ground())
        let none = try await program.run("downstream", "verify")
        #expect(none.status == 1 && none.err.contains("there is no journal"), "\(none.err)")
        let folder = program.ground.folder + "/.torghut/journal"
        try FileManager.default.createDirectory(
            atPath: program.ground.folder + "/.torghut", withIntermediateDirectories: true)
        let log = JournalLog(folder)
        try await log.create(TopicCatalog.specs.filter { $0.name != TopicCatalog.quotes.name })
        await log.close()
        let missing = try await Self.verify(program)
        #expect(missing.status == 3 && missing.failing == [TopicCatalog.quotes.name, "all"], "\(missing.text)")
        try await program.prepared()
        try await program.tell(StoryTeller(StoryTeller.Settings(seed: 5, orders: 3, symbols: 2, open: 2)))
        let old = try await Self.verify(program, "--within", "torghut.route.v1=1ms", "--within", "torghut.quotes.v1=1h")
        #expect(old.failing == ["torghut.route.v1", "torghut.quotes.v1", "all"], "\(old.text)")
        #expect(old.part("topic").contains { $0.hasPrefix("torghut.quotes.v1: no: empty") }, "\(old.text)")
    }

    /// Behind a transaction there is an offset without a record.
    @Test func `finds the last records of a cluster`() async throws {
        let program = try Program(Ground())
        let running = try Running(program, "kafka", "dev", "--address-file", "address")
        let address = try #require(running.line())
        let line = #"{"key":"paper","value":{"event_id":"00000000-0000-8000-8000-000000000001"}}"#
        let appended = try await program.run(
            "--log", "kafka:\(address)", "log", "append", "--topic", "torghut.account.v1", input: line)
        #expect(appended.status == 0, "\(appended.err)")
        let answer = try await Self.verify(program, "--log", "kafka:\(address)", "--within", "torghut.account.v1=5m")
        #expect(answer.failing == ["all"] && answer.part("topic").count == TopicCatalog.all.count, "\(answer.text)")
        running.signal(SIGTERM)
        #expect(try await running.process.finish() == 0)
    }
}
