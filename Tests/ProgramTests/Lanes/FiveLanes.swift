import Core
import Domain
import Foundation
import Postgres
import TestSupport
import Testing

/// All five lanes at once, with the shipped programs: orders by the real runner, backtests and both shadows beside them,
/// and the canary over all of it.
struct FiveLanes {
    static let roles = "ingest,projections,commands,router,gates,lanes,api"
    static let backtests = 3

    let broker: Simulator
    private(set) var trading: Trading
    private(set) var runner: RunningRunner
    let database: PrivateDatabase
    private let symbols = (0..<24).map { "S\(String(UnicodeScalar(UInt8(65 + $0))))X" }
    private let patience: Duration

    init(patience: Duration) async throws {
        self.patience = patience
        broker = try Simulator("alpaca", "--cash", "1000000000")
        trading = try Trading()
        database = try PrivatePostgres.shared().database()
        runner = try RunningRunner(trading.program, broker: broker.address())
        trading.program.environment.merge([
            "TORGHUT_API_PORT": "0", "TORGHUT_DB_DSN": database.address, "APCA_API_BASE_URL": broker.address(),
            "ENABLE_TRADE_UPDATES": "true",
            "ALPACA_TRADE_STREAM_URL": "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)/stream",
            "RECONNECT_BASE_MS": "50", "RECONNECT_MAX_MS": "200", "TRADING_RECONCILE_ENABLED": "false",
            "TRADING_LEAN_RUNNER_URL": runner.address, "TRADING_EXECUTION_ADAPTER": "lean",
            "TRADING_EXECUTION_ADAPTER_POLICY": "all", "TRADING_EXECUTION_FALLBACK_ADAPTER": "alpaca",
            "TRADING_LEAN_RUNNER_HEALTH_MAX_AGE_SECONDS": "600", "TRADING_LEAN_RUNNER_REQUIRE_HEALTHY": "false",
            "TRADING_LEAN_LIVE_CANARY_ENABLED": "true", "TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY": "false",
            "TRADING_LEAN_SHADOW_EXECUTION_ENABLED": "true", "TRADING_LEAN_STRATEGY_SHADOW_ENABLED": "true",
            "TRADING_LEAN_BACKTEST_ENABLED": "true", "TRADING_LEAN_BACKTEST_POLL_MS": "200",
            // All decisions come at once: what is judged here is every answer, not how late an answer may be.
            "TRADING_LEAN_SHADOW_DEADLINE_MS": "1200000",
            "TRADING_PLANNED_DECISION_TIMEOUT_SECONDS": "3600",
            // Only the canary is to judge.
            "TRADING_LEAN_BREAKER_MINIMUM_SAMPLE": "100000", "TRADING_SYMBOL_REVIEW_FALLBACK_LIMIT": "1000",
        ]) { $1 }
    }

    private func wait(for what: String, _ holds: () async throws -> Bool) async throws {
        try await eventually(what, within: patience, every: .milliseconds(100), holds)
    }

    func number(_ sql: String) throws -> Int {
        var session = try database.session()
        let exists = try session.run("SELECT to_regclass('lean_canary_incidents') IS NOT NULL")[0].rows
        guard exists.text(0, 0) == "t" else { return -1 }
        return Int(try session.run(sql)[0].rows.integer(0, 0) ?? -1)
    }

    private func events(_ topic: CatalogTopic, _ type: String) async throws -> Int {
        let read = try await trading.program.run(
            ["log", "read", "--topic", topic.name, "--values"], limit: patience)
        return read.lines.count { $0.contains("\"event_type\":\"\(type)\"") }
    }

    /// Everything in place, and the market quoted.
    func open() async throws -> RunningRoles {
        try await trading.program.prepared()
        try await trading.open()
        let enabled = try await trading.enable()
        try #require(enabled.status == 0, "\(enabled.err)")
        for symbol in symbols {
            try await broker.control("/_sim/quotes", #"{"symbol":"\#(symbol)","bid":99.99,"ask":100}"#)
        }
        let roles = try await RunningRoles(trading.program, Self.roles)
        try await wait(for: "the stream") {
            try await broker.control("/_sim/streams")("updates", as: Int.self) == 1
        }
        try await wait(for: "the read models") { try number("SELECT 0") == 0 }
        return roles
    }

    private func submit(_ numbers: Range<Int>) async throws {
        let lines = numbers.map {
            ShadowDay.decision($0, symbols[$0 % symbols.count], bid: "99.99", ask: "100")
        }
        let submitted = try await trading.program.run(
            "decisions", "submit", input: lines.joined(separator: "\n") + "\n")
        try #require(submitted.status == 0, "\(submitted.err)")
    }

    private func askForBacktests() async throws {
        let market = trading.program.ground.folder + "/runner/market"
        try FileManager.default.createDirectory(atPath: market, withIntermediateDirectories: true)
        var text = "ts,open,high,low,close,volume\n"
        for index in 0..<2_000 {
            let price = 1_000 + (index * 37) % 101
            text += "\(1_700_000_040_000 + index * 60_000),\(price),\(price + 2),\(price - 2),\(price + 1),500\n"
        }
        try text.write(toFile: market + "/bars.csv", atomically: true, encoding: .utf8)
        for seed in 1...Self.backtests {
            let file = trading.program.ground.folder + "/backtest-\(seed).json"
            let config = """
                {"symbols": ["BTC/USD"],
                 "strategies": [{"strategy_id": "t", "type": "legacy_macd_rsi", "version": "1.0.0"}],
                 "execution": {"latency_seed": \(seed)},
                 "data": [{"path": "bars.csv", "format": "csv", "holds": "bars"}]}
                """
            try config.write(toFile: file, atomically: true, encoding: .utf8)
            let asked = try await trading.program.run("backtest", "submit", file, "--actor", "ann")
            try #require(asked.status == 0, "\(asked.err)")
        }
    }

    /// Orders go well, and every lane says its word about each of them.
    func goWell(_ intents: Int) async throws {
        try await askForBacktests()
        var next = 0
        while next < intents {
            try await submit(next..<min(intents, next + 500))
            next = min(intents, next + 500)
        }
        try await wait(for: "\(intents) rows by LEAN") {
            try number("SELECT count(*) FROM executions WHERE execution_route = 'lean' AND status = 'filled'")
                == intents
        }
        try await wait(for: "\(intents) shadows judged") {
            try number("SELECT count(*) FROM lean_execution_shadow_events WHERE parity_status = 'pass'") == intents
        }
        try await wait(for: "\(intents) evaluations") {
            try number("SELECT count(*) FROM lean_strategy_shadow_evaluations") == intents
        }
        try await wait(for: "the backtests") {
            try number("SELECT count(*) FROM lean_backtest_runs WHERE status = 'completed'") == Self.backtests
        }
        #expect(try await broker.control("/_sim/summary")("submits", as: Int.self) == intents)
        #expect(try await events(TopicCatalog.leanShadow, "shadow.simulated") == intents)
        #expect(try await events(TopicCatalog.leanShadow, "shadow.parity_judged") == intents)
        #expect(try await events(TopicCatalog.strategyShadow, "strategy_shadow.evaluated") == intents)
        #expect(try await events(TopicCatalog.backtests, "backtest.completed") == Self.backtests)
        #expect(try await trading.program.run("canary", "status").status == 0)
    }

    /// The runner dies: orders fall back until the canary says enough.
    mutating func breach(from first: Int) async throws {
        try await runner.killed()
        var next = first
        try await wait(for: "a breach") {
            // Until the stop is latched decisions go on coming.
            if try await events(TopicCatalog.route, "route.fallback_decided") >= next - first {
                try await submit(next..<(next + max(20, first / 8)))
                next += max(20, first / 8)
            }
            return try await events(TopicCatalog.canary, "canary.incident_opened") > 0
        }
        try await wait(for: "the incident's row") {
            try number("SELECT count(*) FROM lean_canary_incidents WHERE resolved_at IS NULL") == 1
        }
        #expect(try number("SELECT count(*) FROM executions WHERE execution_route = 'lean->alpaca'") > 0)
        #expect(try await trading.program.run("canary", "status").status == 3)
        let word = ["--reason", "the runner is back", "--actor", "ann"]
        let key = "lean_canary:fallback_ratio_exceeded:1"
        #expect(try await trading.program.run(["canary", "incidents", "resolve", key] + word).status == 0)
        try await wait(for: "the incident's end") {
            try number("SELECT count(*) FROM lean_canary_incidents WHERE resolved_at IS NOT NULL") == 1
        }
        #expect(try number("SELECT count(*) FROM lean_canary_incidents") == 1)
    }

    /// Every verdict again, from a copy of the log that has lost the canary's topic.
    func computeAgain() async throws -> String {
        let copy = trading.program.ground.folder + "/copy"
        var arguments = ["log", "archive"]
        for topic in TopicCatalog.all where topic.name != TopicCatalog.canary.name {
            arguments += ["--topic", topic.name]
        }
        let archived = try await trading.program.run(arguments + [copy], limit: patience)
        try #require(archived.status == 0, "\(archived.err)")
        let against = "journal:\(trading.program.ground.folder)/.torghut/journal"
        let again = try await trading.program.run(
            ["canary", "recompute", "--log", "archive:\(copy)", "--against", against], limit: patience)
        #expect(again.status == 0, "\(again.text)\(again.err)")
        return again.lines.last ?? ""
    }
}
