import Domain
import Foundation
import HTTPClient
import Postgres
import TestSupport
import Testing

/// The whole way of an order, with real programs at both ends: a decision, a runner that fails, the broker, the row.
@Suite struct `An order that fell back from LEAN` {
    private struct Row: Equatable {
        let route: String?
        let reason: String?
        let count: Int64?
        let expected: String?
        let actual: String?
    }

    private struct Seen {
        let row: Row
        /// In microseconds.
        let reconciledAt: Int64
    }

    private func seen(_ database: PrivateDatabase) throws -> Seen? {
        var session = try database.session()
        guard try session.run("SELECT to_regclass('executions') IS NOT NULL")[0].rows.text(0, 0) == "t" else {
            return nil
        }
        let rows = try session.run(
            """
            SELECT execution_route, execution_fallback_reason, execution_fallback_count, execution_expected_adapter,
            execution_adapter, (extract(epoch FROM last_reconcile_at) * 1000000)::bigint FROM executions
            """)[0].rows
        guard rows.count == 1, let moment = rows.integer(0, 5) else { return nil }
        let row = Row(
            route: rows.text(0, 0), reason: rows.text(0, 1), count: rows.integer(0, 2), expected: rows.text(0, 3),
            actual: rows.text(0, 4))
        return Seen(row: row, reconciledAt: moment)
    }

    private func metrics(_ running: RunningRoles) async throws -> String {
        let request = HTTPRequest(.get, running.address + "/metrics")
        return String(decoding: try await HTTPPool(lanes: 1).exchange(request).result.get().body, as: UTF8.self)
    }

    private func rounds(_ running: RunningRoles) async throws -> Int {
        let name = #"torghut_reconcile_rounds_total{outcome="whole"} "#
        let line = try await metrics(running).split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.dropFirst(name.count)) } ?? 0
    }

    @Test(arguments: [("refuse", "lean_submit_order_http_503"), ("timeout_before", "lean_submit_order_timeout")])
    func `keeps its route, its reason and its count through ten reconciliations`(
        misdeed: String, reason: String
    ) async throws {
        // As much as the facts say that the test writes itself.
        let broker = try Simulator("alpaca", "--cash", "1000000")
        let runner = try Simulator("lean", "--to", broker.address())
        let database = try PrivatePostgres.shared().database()
        var trading = try Trading()
        trading.program.environment.merge([
            "TORGHUT_DB_DSN": database.address, "APCA_API_BASE_URL": broker.address(),
            "TRADING_LEAN_RUNNER_URL": runner.address(), "TRADING_EXECUTION_ADAPTER": "lean",
            "TRADING_EXECUTION_ADAPTER_POLICY": "all", "TRADING_EXECUTION_FALLBACK_ADAPTER": "alpaca",
            "TRADING_LEAN_RUNNER_TIMEOUT_SECONDS": misdeed == "refuse" ? "5" : "1", "TRADING_RECONCILE_MS": "250",
            "TRADING_RECONCILE_REQUESTS_PER_MINUTE": "10000",
        ]) { $1 }
        let running = try await RunningRoles(trading.program, "commands,router,gates,projections,ingest")
        try await eventually("topics") { try await trading.program.run("topics", "verify").status == 0 }
        try await trading.open()
        #expect(try await trading.enable().status == 0)
        try await eventually("a runner that is well") {
            let read = try await trading.program.run("log", "read", "--topic", TopicCatalog.control.name, "--values")
            return read.lines.contains { $0.contains("control.runner_health_observed") && $0.contains("adapter:lean") }
        }
        // The order rests at the broker, so that it is reconciled again and again.
        try await broker.control("/_sim/outcomes", #"{"action":"rest","times":9}"#)
        try await runner.control("/_sim/script", #"{"action":"\#(misdeed)","times":1,"milliseconds":20000}"#)
        let submitted = try await trading.program.run("decisions", "submit", input: Trading.line(1))
        #expect(submitted.status == 0, "\(submitted.err)")
        try await eventually("a row that was reconciled") { try seen(database) != nil }
        let first = try #require(try seen(database))
        let begun = try await rounds(running)
        try await eventually("ten more reconciliations") { try await rounds(running) >= begun + 10 }
        try await eventually("the row to move") { try seen(database)?.reconciledAt ?? 0 > first.reconciledAt }
        let last = try #require(try seen(database))
        #expect(last.row == first.row, "\(first) became \(last)")
        #expect(last.row.route == "lean->alpaca" && last.row.count == 1, "\(last)")
        #expect(last.row.expected == "lean" && last.row.actual == "alpaca", "\(last)")
        #expect(last.row.reason == reason, "\(last)")
        let log = try await trading.program.run("log", "read", "--topic", TopicCatalog.orderEvents.name, "--values")
        #expect(log.lines.count { $0.contains("order.snapshot_observed") } >= 10)
        let found = log.lines.filter { $0.contains("order.discrepancy_found") }
        #expect(found.isEmpty, "\(found)")
        let metrics = try await metrics(running)
        let ours = metrics.split(separator: "\n").filter { line in
            ["torghut_reconcile_", "torghut_discrepancies_", "torghut_trading_reconcile_"].contains {
                line.contains("# HELP \($0)") || line.contains("# TYPE \($0)") || line.hasPrefix($0)
            }
        }
        let judged = try Judge.run(
            "promtool", ["check", "metrics"], input: Data((ours.joined(separator: "\n") + "\n").utf8))
        #expect(judged.status == 0, "\(judged.output)\(judged.errors)")
        for name in [
            "torghut_trading_reconcile_updates_total 1\n", #"torghut_discrepancies_open{kind="missing_fill"} 0"#,
            #"torghut_discrepancies_oldest_seconds{kind="status_mismatch"} 0"#, "torghut_reconcile_lag_seconds ",
            #"torghut_reconcile_reads_total{adapter="alpaca",question="open_orders",verdict="read"} "#,
            "torghut_reconcile_budget_left ",
        ] { #expect(metrics.contains(name), "\(name)") }
        #expect(try await running.stop() == 0)
    }
}
