import API
import Foundation
import HTTPServer
import Postgres
import TestSupport

/// Reads over HTTP from a warm server of the shipped program: orders of a symbol, metrics, and the stream of events.
enum APISpeed {
    static let perSecond = 2_000
    static let latencyLimit = Duration.milliseconds(10)
    static let metricsLimit = Duration.milliseconds(5)

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("api")
        let bench = try FoldBench()
        let orders = try await MillionOrders.made(scratch, bench)
        let program = try await ServedProgram(
            scratch, roles: "api",
            environment: ["TORGHUT_DATA_DIR": "\(scratch.path)/data", "TORGHUT_DB_DSN": orders.database.address])
        try rates(program, orders, scratch, into: &table)
        try latencies(program, orders, into: &table)
        program.stop()
        try await metrics(scratch, bench, into: &table)
        try scratch.remove()
        try bench.postgres.stop(.immediate)
    }

    private static func path(_ symbol: Int) -> String {
        "/trading/executions?symbol=S\(symbol)&since=\(MillionOrders.since)"
    }

    private static func request(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n" }

    /// As fast as sixteen clients can ask, beside the same statement without anything around it.
    private static func rates(
        _ program: ServedProgram, _ orders: MillionOrders, _ scratch: Scratch, into table: inout Table
    ) throws {
        let asked = HTTPServerRequest(
            method: "GET", target: path(0), path: ["trading", "executions"],
            query: [("symbol", "S0"), ("since", MillionOrders.since)])
        let bare = BareHandler(
            try ReadOperations.executionsStatement(asked), since: MillionOrders.since,
            database: orders.database.address, threads: 4)
        let script = "\(scratch.path)/orders.lua"
        try """
        local n = 0
        request = function()
            n = (n + 7) % \(MillionOrders.symbols)
            return wrk.format("GET", "/trading/executions?symbol=S" .. n .. "&since=\(MillionOrders.since)")
        end
        """.write(toFile: script, atomically: true, encoding: .utf8)
        var (ours, floors, ratios): ([Double], [Double], [Double]) = ([], [], [])
        for round in 0...3 {
            let floor = try wrk(bare.port, script)
            let mine = try wrk(program.port, script)
            guard round > 0 else { continue }
            ours.append(mine)
            floors.append(floor)
            ratios.append(mine / floor)
        }
        bare.stop()
        let name = "\(Row.grouped(orders.count)) orders, 20 of a symbol since a moment, 16 clients of wrk"
        table.add(
            Row(
                name: "\(name), beside libmicrohttpd and libpq alone with the same statement",
                ours: "\(Row.grouped(Int(ours.sorted()[1])))/s", floor: "\(Row.grouped(Int(floors.sorted()[1])))/s",
                ratio: ratios.sorted()[1], target: .atLeast(0.5)))
    }

    private static func wrk(_ port: UInt16, _ script: String) throws -> Double {
        let verdict = try Judge.run(
            "wrk", ["-t1", "-c16", "-d4s", "-s", script, "http://127.0.0.1:\(port)/"])
        precondition(!verdict.output.contains("Non-2xx"), verdict.output)
        let line = verdict.lines.first { $0.contains("Requests/sec:") }
        guard let rate = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
            preconditionFailure("wrk says nothing: \(verdict)")
        }
        return rate
    }

    /// At a fixed rate, counted from when each request should have gone out.
    private static func latencies(
        _ program: ServedProgram, _ orders: MillionOrders, into table: inout Table
    ) throws {
        let loop = OpenLoop(port: program.port, perSecond: perSecond, connections: 64) {
            request(path($0 &* 7 % MillionOrders.symbols))
        }
        _ = loop.run(for: .seconds(3))
        let before = try program.processorSeconds()
        let seen = loop.run(for: .seconds(20))
        let processor = try program.processorSeconds() - before
        precondition(seen.failures == 0, "\(seen.failures) answers were no 200")
        let cost = Int(processor / Double(seen.latencies.count) * 1e6)
        let said = "\(seen.bytes / seen.latencies.count) bytes an answer, \(cost) µs of the program's processor time"
        add(seen, "… at \(Row.grouped(perSecond)) requests/s (\(said))", beside: latencyLimit, to: &table)
    }

    private static func add(_ seen: OpenLoop.Outcome, _ name: String, beside limit: Duration, to table: inout Table) {
        for (word, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
            let time = seen.share(share)
            table.add(
                Row(
                    name: "\(name), \(word)", ours: "\(Row.short(time.seconds * 1_000)) ms",
                    floor: "\(Row.short(limit.seconds * 1_000)) ms", ratio: time.seconds / limit.seconds,
                    target: word == "p99" ? .atMost(1) : .none))
        }
    }

    /// With every role in one process, and again when the database is gone.
    private static func metrics(
        _ scratch: Scratch, _ bench: FoldBench, into table: inout Table
    ) async throws {
        let nowhere = "http://127.0.0.1:9"
        // One that fits the log: the million were never told there.
        let database = try bench.database()
        let program = try await ServedProgram(
            scratch, roles: "ingest,projections,commands,router,gates,lanes,api",
            environment: [
                "TORGHUT_DATA_DIR": "\(scratch.path)/everything", "TORGHUT_DB_DSN": database.address,
                "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret", "APCA_API_BASE_URL": nowhere,
                "ALPACA_TRADE_STREAM_URL": "ws://127.0.0.1:9/stream", "TRADING_LEAN_RUNNER_URL": nowhere,
                "TRADING_LEAN_SHADOW_EXECUTION_ENABLED": "true", "TRADING_LEAN_STRATEGY_SHADOW_ENABLED": "true",
                "TRADING_LEAN_BACKTEST_ENABLED": "true", "TRADING_LEAN_LIVE_CANARY_ENABLED": "true",
            ])
        let loop = OpenLoop(port: program.port, perSecond: 50, connections: 2) { _ in request("/metrics") }
        _ = loop.run(for: .seconds(2))
        let well = loop.run(for: .seconds(10))
        let size = well.bytes / well.latencies.count
        add(well, "/metrics of every role (\(size) bytes), 50 a second", beside: metricsLimit, to: &table)
        try bench.postgres.stop(.immediate)
        let alone = loop.run(for: .seconds(10))
        precondition(well.failures + alone.failures == 0, "an answer was no 200")
        add(alone, "… with Postgres and the broker away", beside: metricsLimit, to: &table)
        program.stop()
        try bench.postgres.start()
        withExtendedLifetime(database) {}
    }
}
