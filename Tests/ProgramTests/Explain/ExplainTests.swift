import Core
import Domain
import Foundation
import TestSupport
import Testing

/// A day with real programs at both ends, told afterwards: what happened to each order, and what would be missing.
@Suite struct `Explaining orders` {
    private struct Day {
        let broker: Simulator
        let runner: Simulator
        let server: PrivatePostgres
        /// Held: it goes when nobody holds it.
        let database: PrivateDatabase
        var trading: Trading

        init() async throws {
            broker = try Simulator("alpaca", "--cash", "1000000")
            runner = try Simulator("lean", "--to", broker.address())
            server = try PrivatePostgres()
            database = try server.database()
            trading = try Trading()
            trading.program.environment.merge([
                "TORGHUT_DB_DSN": database.address, "APCA_API_BASE_URL": broker.address(),
                "ENABLE_TRADE_UPDATES": "true",
                "ALPACA_TRADE_STREAM_URL": "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)/stream",
                "TRADING_LEAN_RUNNER_URL": runner.address(), "TRADING_EXECUTION_ADAPTER": "lean",
                "TRADING_EXECUTION_ADAPTER_POLICY": "all", "TRADING_EXECUTION_FALLBACK_ADAPTER": "alpaca",
                "TRADING_LEAN_RUNNER_TIMEOUT_SECONDS": "1", "TRADING_EXECUTION_DEADLINE_MARGIN_SECONDS": "1",
            ]) { $1 }
        }

        func run(_ arguments: String...) async throws -> Program.Output { try await trading.program.run(arguments) }

        func lines(_ topic: CatalogTopic) async throws -> [String] {
            try await run("log", "read", "--topic", topic.name).lines
        }

        /// The decision's hash of each intent, by symbol.
        func orders() async throws -> [String: String] {
            try await lines(TopicCatalog.orderIntents).reduce(into: [:]) { orders, line in
                let value = try fields(try #require(try fields(line)["value"] as? String))
                let payload = try #require(value["payload"] as? [String: Any])
                guard let symbol = value["symbol"] as? String else { return }
                orders[symbol] = payload["decision_hash"] as? String
            }
        }

        /// A second log with the same records at the same places, but for those that are not `kept`.
        func copy(without isLeftOut: (String) throws -> Bool) async throws -> String {
            let folder = "journal:\(trading.program.ground.folder)/copy-\(UUID().uuidString.prefix(8))/journal"
            let made = try await run("topics", "apply", "--log", folder)
            try #require(made.status == 0, "\(made.err)")
            for topic in TopicCatalog.all where topic.name != TopicCatalog.heartbeats.name {
                let kept = try await lines(topic).filter { try !isLeftOut($0) }
                guard !kept.isEmpty else { continue }
                let input = Array((kept.joined(separator: "\n") + "\n").utf8)
                let appended = try await trading.program.run(
                    ["log", "append", "--topic", topic.name, "--log", folder], input: input)
                try #require(appended.status == 0, "\(appended.err)")
            }
            return folder
        }
    }

    private func live(_ day: Day) async throws {
        let running = try await RunningRoles(day.trading.program, "commands,router,gates,projections,ingest")
        try await eventually("topics") { try await day.run("topics", "verify").status == 0 }
        try await day.trading.open()
        #expect(try await day.trading.enable().status == 0)
        try await eventually("a runner that is well") {
            try await day.lines(TopicCatalog.control).contains {
                $0.contains("control.runner_health_observed") && $0.contains("adapter:lean")
            }
        }
        try await day.runner.control(
            "/_sim/script", #"{"action":"timeout_before","times":1,"milliseconds":20000}"#)
        for (number, symbol) in ["LATE", "PLAIN", "OTHER"].enumerated() {
            let submitted = try await day.trading.program.run(
                "decisions", "submit", input: Trading.line(number, symbol: symbol))
            #expect(submitted.status == 0, "\(submitted.err)")
            try await eventually("an answer of \(symbol)") { try await day.orders()[symbol] != nil }
            if number == 0 {
                try await eventually("a fallback") {
                    try await day.lines(TopicCatalog.route).contains { $0.contains("route.fallback_decided") }
                }
            }
        }
        for (symbol, hash) in try await day.orders().sorted(by: { $0.key < $1.key }) {
            try await eventually("the end of \(symbol)") {
                let told = try await day.run("explain", hash)
                return told.status == 0 && told.text.hasSuffix("complete: it ended, and nothing is missing\n")
            }
        }
        // A role that has begun says so with its next heartbeat.
        try await eventually("a yes") { try await day.run("status").status == 0 }
        let status = try await day.run("status", "--json")
        let told = try fields(try #require(status.lines.first))
        #expect(status.status == 0 && told["safe"] as? Bool == true, "\(status.text)\(status.err)")
        #expect(try await day.trading.program.run("kill", "--reason", "a drill", "--actor", "ann").status == 0)
        let stopped = try await day.run("status")
        #expect(stopped.status == 3 && stopped.text.hasPrefix("no: "), "\(stopped.text)")
        #expect(stopped.text.contains("kill_switch log is engaged: a drill"), "\(stopped.text)")
        #expect(try await running.stop() == 0)
    }

    @Test func `tells the same story with and without the read models, and finds what is withheld`() async throws {
        let day = try await Day()
        try await live(day)
        let hash = try #require(try await day.orders()["LATE"])
        let now = "\(Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970) * 1_000_000_000))"
        let told = try await day.run("explain", hash, "--at", now)
        #expect(told.status == 0, "\(told.text)\(told.err)")
        try checkTree(told.text)
        try checkPage(told.text)
        let json = try await day.run("explain", hash, "--at", now, "--json")
        try checkPositions(try fields(json.text)["tree"] as? [[String: Any]] ?? [])

        try day.server.stop()
        for form in [[], ["--json"], ["--dot"]] {
            let again = try await day.trading.program.run(["explain", hash, "--at", now, "--from-log"] + form)
            let before = try await day.trading.program.run(["explain", hash, "--at", now] + form)
            #expect(again.status == 0 && again.out == before.out && !again.out.isEmpty, "\(form) \(again.err)")
            if form.isEmpty { #expect(again.out == told.out) }
            if form == ["--json"] { #expect(again.out == json.out) }
        }
        try await checkPictures(day, hash, now)
        try await checkNames(day, hash, now, json.out)
        try await checkAudit(day, hash)
    }

    private func checkPictures(_ day: Day, _ hash: String, _ now: String) async throws {
        let (log, models) = (day.trading.program.ground.folder + "/log.svg", "models.svg")
        let ways = [["--from-log", "--svg", log], ["--svg", models]]
        for way in ways {
            #expect(try await day.trading.program.run(["explain", hash, "--at", now] + way).status == 0)
        }
        let drawn = try Data(contentsOf: URL(filePath: log))
        #expect(drawn.starts(with: Data("<svg".utf8)))
        #expect(try Data(contentsOf: URL(filePath: "\(day.trading.program.ground.folder)/\(models)")) == drawn)
    }

    /// By whatever id it is asked for.
    private func checkNames(_ day: Day, _ hash: String, _ now: String, _ expected: [UInt8]) async throws {
        let told = try fields(String(decoding: expected, as: UTF8.self))
        let tree = try #require((told["tree"] as? [[String: Any]])?.first)
        var ids = [try #require(tree["event_id"] as? String)]
        for name in ["intent_id", "client_order_id", "alpaca_order_id"] { ids += told[name] as? [String] ?? [] }
        #expect(ids.count >= 4)
        for id in ids {
            let same = try await day.run("explain", id, "--at", now, "--json", "--from-log")
            #expect(same.out == expected, "\(id): \(same.text)\(same.err)")
        }
        let nobody = try await day.run("explain", "00000000-0000-8000-8000-000000000009", "--from-log")
        #expect(nobody.status == 3 && nobody.text.isEmpty && nobody.err.contains("no record names"))
        #expect(try await day.run("explain").status == 2)
        #expect(try await day.run("explain", hash, "--json", "--dot").status == 2)
    }

    private func checkAudit(_ day: Day, _ hash: String) async throws {
        let late = "2036-01-01T00:00:00Z"
        let whole = try await day.run("audit", "--at", late)
        #expect(whole.status == 0 && whole.text.contains("whole: 3 orders (0 open)"), "\(whole.text)\(whole.err)")
        for (type, link) in [
            ("route.attempt_resolved", "resolution"), ("route.fallback_decided", "fallback"),
            ("intent.emitted", "intent"), ("order.broker_update_recorded", "order_event"),
        ] {
            var isPlanted = false
            let copy = try await day.copy { line in
                let value = try fields(line)["value"] as? String ?? ""
                guard !isPlanted, value.contains("\"\(type)\""), value.contains(hash) else { return false }
                isPlanted = true
                return true
            }
            let audit = try await day.run("audit", "--at", late, "--json", "--log", copy)
            #expect(audit.status == 3 && audit.lines.count == 2, "\(type): \(audit.text)\(audit.err)")
            let hole = try fields(try #require(audit.lines.first))
            #expect(hole["link"] as? String == link && hole["decision_hash"] as? String == hash, "\(hole)")
            let told = try await day.run("explain", hash, "--at", late, "--json", "--log", copy, "--from-log")
            let holes = try fields(told.text)["holes"] as? [[String: Any]] ?? []
            #expect(told.status == 3 && holes.count == 1 && holes[0]["link"] as? String == link, "\(holes)")
        }
        let none = try await day.run("audit", "--since", "2030-01-01T00:00:00Z")
        #expect(none.status == 0 && none.text.contains("whole: 0 orders"), "\(none.text)")
    }

    private func types(_ text: String) -> [String] {
        let shape =
            /^[│├└─ ]*(?:(?:because|in force): )?([a-z_]+\.[a-z_]+)  .*\[[a-z0-9.-]+\/\d+\/\d+\]/
        return text.split(separator: "\n").compactMap { line in
            line.firstMatch(of: shape).map { String($0.output.1) }
        }
    }

    private func checkTree(_ text: String) throws {
        let types = types(text)
        for type in [
            "decision.recorded", "intent.emitted", "route.attempt_prepared", "route.attempt_sent",
            "route.attempt_unknown", "route.intent_held", "route.attempt_resolved", "route.intent_released",
            "route.fallback_decided", "route.attempt_accepted", "order.broker_update_recorded",
            "control.kill_switch_released", "control.strategy_enabled",
        ] { #expect(types.contains(type), "\(type) is not in\n\(text)") }
        #expect(types.count { $0 == "route.attempt_prepared" } == 2)
        for fact in ["policy_hash=", "config_hash=", "proof=", "failure_taxonomy=timeout", "found_by=", "sent_bytes="] {
            #expect(text.contains(fact), "\(fact) is not in\n\(text)")
        }
    }

    /// The page shows what the program says: the same events in the same tree.
    private func checkPage(_ text: String) throws {
        let page = URL(fileURLWithPath: #filePath).appending(path: "../../../../docs/explain.md").standardizedFileURL
        let shown = try String(contentsOf: page, encoding: .utf8)
        let tree = try #require(shown.components(separatedBy: "```text\n").dropFirst().first)
            .components(separatedBy: "```")[0]
        // How often broker and runner were heard is another number each time, and the reconciler may come too late.
        let (shownTypes, told) = (Set(types(tree)), Set(types(text)))
        let differ = shownTypes.symmetricDifference(told).subtracting(["order.snapshot_observed"])
        #expect(differ.isEmpty, "the page shows another story than\n\(text)")
        #expect(tree.hasSuffix("complete: it ended, and nothing is missing\n"))
    }

    private func checkPositions(_ nodes: [[String: Any]]) throws {
        #expect(!nodes.isEmpty)
        for node in nodes {
            let position = try #require(node["position"] as? String)
            #expect(position.split(separator: "/").count == 3, "\(node)")
            let children = node["children"] as? [[String: Any]] ?? []
            #expect(children.allSatisfy { $0["latency_us"] is Int }, "\(node)")
            if !children.isEmpty { try checkPositions(children) }
        }
    }
}
