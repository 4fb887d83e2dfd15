import Core
import Domain
import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct `Running the ingest role with a stream of its own` {
    /// The program beside a simulated broker.
    private func connected(_ broker: Simulator) throws -> Program {
        var program = try Program(Ground())
        program.environment = [
            "ENABLE_TRADE_UPDATES": "true", "APCA_API_BASE_URL": broker.address(),
            "ALPACA_TRADE_STREAM_URL": "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)/stream",
            "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret", "TRADING_ACCOUNT_LABEL": "paper",
            "RECONNECT_BASE_MS": "50", "RECONNECT_MAX_MS": "200",
        ]
        return program
    }

    /// An order at the broker, by anybody's hand.
    private func order(_ broker: Simulator, _ client: String, limit: String? = nil) async throws -> String {
        let kind = limit.map { #""type":"limit","limit_price":"\#($0)""# } ?? #""type":"market""#
        let body =
            #"{"symbol":"AAPL","qty":"1","side":"buy",\#(kind),"time_in_force":"day","client_order_id":"\#(client)"}"#
        let keys = [(name: "APCA-API-KEY-ID", value: "key"), (name: "APCA-API-SECRET-KEY", value: "secret")]
        let placed = try await HTTPPool(lanes: 1).exchange(
            HTTPRequest(.post, broker.address() + "/v2/orders", headers: keys, body: Array(body.utf8))
        ).result.get()
        return try #require(JSONAnswer(placed.body)("id", as: String.self))
    }

    /// What the order feed made of updates, as `order event classification`.
    private func told(_ program: Program) async throws -> [String] {
        let read = try await program.run("log", "read", "--topic", "torghut.order-events.v1", "--values")
        return try read.lines.map { line in
            let payload = try #require(try fields(line)["payload"] as? [String: Any])
            let event = payload["event_type"] as? String ?? payload["status"] as? String ?? ""
            return "\(payload["alpaca_order_id"] ?? "") \(event) \(payload["classification"] ?? "")"
        }
    }

    private func listens(_ broker: Simulator, _ count: Int = 1) async throws {
        try await eventually("\(count) on the stream") {
            try await broker.control("/_sim/streams")("updates", as: Int.self) == count
        }
    }

    @Test func `hears of orders, and of those that came and went while the stream was down`() async throws {
        let broker = try Simulator("alpaca")
        let program = try connected(broker)
        try await program.prepared()
        var running = try Projector(program, ["run", "--roles", "ingest", "--metrics-file", "metrics"])
        try await listens(broker)
        let heard = try await order(broker, "c-1")
        let open = try await order(broker, "c-2", limit: "1")
        try await eventually("the first order") {
            let told = try await told(program)
            return told.contains { $0.hasPrefix("\(heard) fill") } && told.contains { $0.hasPrefix("\(open) new") }
        }
        // Nothing of this is said on any stream: it is down, and then the program is.
        try await broker.control("/_sim/settings", #"{"updates_to_lose": 3}"#)
        let lost = try await order(broker, "c-3")
        try await broker.control("/_sim/orders/\(open)/cancel", "{}")
        try await broker.control("/_sim/streams/drop", "{}")
        try await eventually("what the broker's lists say") {
            let told = try await told(program)
            return told.contains { $0.hasPrefix("\(lost) fill") } && told.contains { $0.hasPrefix("\(open) canceled") }
        }
        #expect(try await running.stop() == 0)
        let missed = try await order(broker, "c-4")
        running = try Projector(program, ["run", "--roles", "ingest"])
        try await eventually("what was missed") {
            try await told(program).contains { $0.hasPrefix("\(missed) fill") }
        }
        #expect(try await running.stop() == 0)
        // However often a fill was told, it is one.
        let fills = try await told(program).filter { $0.contains(" fill ") && !$0.hasSuffix("duplicate") }
        #expect(Set(fills).count == fills.count && fills.count == 3, "\(fills)")
        let metrics = try String(contentsOfFile: program.ground.folder + "/metrics", encoding: .utf8)
        for line in [
            "torghut_ws_reconnects_total 1", "torghut_ws_ws_connect_success_total 2", "torghut_ws_readyz_status 0",
            #"torghut_ws_readyz_gate_status{gate="kafka"} 1"#, "torghut_stream_gaps_closed_total 2",
            "torghut_ws_kafka_send_errors_total 0",
        ] {
            let near = metrics.split(separator: "\n").filter { $0.contains("_ws_") || $0.contains("_stream_") }
            #expect(metrics.contains(line + "\n"), "\(line) in \(near)")
        }
    }

    @Test func `holds orders back while nobody hears the broker, where that is asked for`() async throws {
        let broker = try Simulator("alpaca")
        var trading = try Trading()
        trading.program.environment.merge(try connected(broker).environment) { $1 }
        trading.program.environment["TRADING_REQUIRE_STREAM_READY"] = "true"
        // Until the stream is let in, nothing is sent.
        try await broker.control("/_sim/streams/fault", #"{"fault":"limit_406","times":1000}"#)
        let running = try Projector(trading.program, ["run", "--roles", "ingest,commands,router"])
        try await eventually("topics") { try await trading.program.run("topics", "verify").status == 0 }
        try await trading.open()
        #expect(try await trading.enable().status == 0)
        #expect(try await trading.program.run("decisions", "submit", input: Trading.line(0)).status == 0)
        try await eventually("the hold") {
            let read = try await trading.program.run("log", "read", "--topic", TopicCatalog.route.name, "--values")
            return read.text.contains(#""hold_reason":"stream_not_ready""#)
        }
        #expect(try await broker.control("/_sim/summary")("submits", as: Int.self) == 0)
        #expect(try running.text().contains("alpaca_406_second_connection"))
        try await broker.control("/_sim/streams/fault", #"{"fault":"heal"}"#)
        try await eventually("the order") { try await broker.control("/_sim/summary")("submits", as: Int.self) == 1 }
        try await eventually("what the broker says of it") {
            try await told(trading.program).contains { $0.hasSuffix("applied") }
        }
        #expect(try await running.stop() == 0)
    }

    @Test func `has one connection, whoever of two processes on one log`() async throws {
        let broker = try Simulator("alpaca")
        let program = try connected(broker)
        try await program.prepared()
        let first = try Projector(program, ["run", "--roles", "ingest"])
        try await listens(broker)
        let second = try Projector(program, ["run", "--roles", "ingest"])
        // On a journal nobody shares: who starts later works, and the one before ends.
        #expect(try await first.process.finish(within: .seconds(30)) != 0)
        try await eventually("the second one's stream") { try second.text().contains("stream_gap_closed") }
        #expect(try await broker.control("/_sim/streams")("updates", as: Int.self) == 1)
        #expect(try first.text().contains("fenced"))
        let placed = try await order(broker, "c-1")
        try await eventually("an order") { try await told(program).contains { $0.hasPrefix("\(placed) fill") } }
        #expect(try await second.stop() == 0)
    }

    @Test func `has one connection, and the other process takes it when that one leaves, on Kafka`() async throws {
        let broker = try Simulator("alpaca")
        var program = try connected(broker)
        let cluster = try Running(program, "kafka", "dev", "--brokers", "1")
        program.environment["TORGHUT_LOG"] = "kafka:\(try #require(cluster.line()))"
        // The mock cluster rebalances when a session would have ended, and not before.
        program.environment["TORGHUT_KAFKA_PROPS"] = "session.timeout.ms=3000;heartbeat.interval.ms=300"
        let first = try Projector(program, ["run", "--roles", "ingest", "--data", "one"])
        try await eventually("the first one's stream") { try first.text().contains("stream_gap_closed") }
        let second = try Projector(program, ["run", "--roles", "ingest", "--data", "two"])
        try await eventually("the second one's place") { try second.text().contains("another process") }
        let placed = try await order(broker, "c-1")
        try await eventually("an order") { try await told(program).contains { $0.hasPrefix("\(placed) fill") } }
        #expect(try await first.stop() == 0)
        let missed = try await order(broker, "c-2")
        try await eventually("the second one's stream") {
            let lines = try second.text().split(separator: "\n")
            return lines.last { $0.contains("stream_gap_closed") || $0.contains("stream_ended") }?
                .contains("stream_gap_closed") ?? false
        }
        try await eventually("what was missed") {
            try await told(program).contains { $0.hasPrefix("\(missed) fill") }
        }
        let epochs = try (first.text() + second.text()).matches(of: #/stream_lease_taken","epoch":(\d+)/#)
        #expect(Set(epochs.map(\.output.1)).count == epochs.count && epochs.count >= 2)
        #expect(try await second.stop() == 0)
        cluster.signal(SIGTERM)
        #expect(try await cluster.process.finish() == 0)
    }

    @Test func `ends with exit code 2 and names every setting that is wrong`() async throws {
        var program = try Program(Ground())
        program.environment = [
            "ENABLE_TRADE_UPDATES": "true", "RECONNECT_BASE_MS": "fast", "RECONNECT_MAX_MS": "1",
            "ALPACA_TRADE_STREAM_URL": "https://stream", "TRADING_STREAM_LOOKBACK_SECONDS": "-1",
        ]
        let refused = try await program.run("run", "--roles", "ingest")
        #expect(refused.status == 2)
        for name in [
            "APCA_API_KEY_ID", "APCA_API_SECRET_KEY", "RECONNECT_BASE_MS", "RECONNECT_MAX_MS",
            "ALPACA_TRADE_STREAM_URL", "TRADING_STREAM_LOOKBACK_SECONDS",
        ] {
            #expect(refused.err.contains(name), "\(refused.err)")
        }
        program.environment = ["ENABLE_TRADE_UPDATES": "maybe"]
        #expect(try await program.run("run", "--roles", "ingest").err.contains("ENABLE_TRADE_UPDATES"))
    }
}
