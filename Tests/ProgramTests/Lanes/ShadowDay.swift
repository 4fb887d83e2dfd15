import Core
import Domain
import Foundation
import HTTPClient
import TestSupport
import Testing
import Threading

/// A broker, the runner, and the product's roles: decisions go in, and their shadows come out.
struct ShadowDay {
    static let roles = "ingest,commands,router,lanes"

    let broker: Simulator
    var trading: Trading
    let runner: RunningRunner

    init(_ settings: [String: String] = [:]) async throws {
        broker = try Simulator("alpaca")
        trading = try Trading()
        runner = try RunningRunner(trading.program, broker: broker.address())
        trading.program.environment.merge([
            "APCA_API_BASE_URL": broker.address(), "ENABLE_TRADE_UPDATES": "true",
            "ALPACA_TRADE_STREAM_URL": "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)/stream",
            "RECONNECT_BASE_MS": "50", "RECONNECT_MAX_MS": "200", "TRADING_RECONCILE_ENABLED": "false",
            "TRADING_LEAN_RUNNER_URL": runner.address, "TRADING_LEAN_SHADOW_EXECUTION_ENABLED": "true",
            "TRADING_EXECUTION_ADAPTER": "alpaca",
        ]) { $1 }
        trading.program.environment.merge(settings) { $1 }
    }

    /// The roles, ready for decisions.
    func open() async throws -> RunningRoles {
        try await trading.program.prepared()
        try await trading.open()
        let enabled = try await trading.enable()
        try #require(enabled.status == 0, "\(enabled.err)")
        let roles = try await RunningRoles(trading.program, Self.roles)
        try await eventually("the stream") {
            try await broker.control("/_sim/streams")("updates", as: Int.self) == 1
        }
        return roles
    }

    /// What the market is, and what the broker makes of it.
    func quote(_ symbol: String, bid: String, ask: String, slippage: String? = nil) async throws {
        try await broker.control("/_sim/quotes", #"{"symbol":"\#(symbol)","bid":\#(bid),"ask":\#(ask)}"#)
        guard let slippage else { return }
        try await broker.control("/_sim/settings", #"{"symbol_slippage_bps":{"\#(symbol)":\#(slippage)}}"#)
    }

    /// One decision to buy at the market, with the quote it was made on.
    static func decision(
        _ number: Int, _ symbol: String, bid: String? = nil, ask: String? = nil, at now: Timestamp = SystemTime().now()
    ) -> String {
        let at = now.advanced(by: .nanoseconds(number)) ?? now
        let quote = bid.map {
            #","reference_quote":{"bid":"\#($0)","ask":"\#(ask ?? $0)","bid_size":"100","ask_size":"100","#
                + #""quote_ts":"\#(now)","source":"test"}"#
        }
        return #"{"account_label":"paper","symbol":"\#(symbol)","event_ts":"\#(at)","strategy_id":"momentum","#
            + #""timeframe":"1Min","action":"buy","qty":"1","order_type":"market","time_in_force":"day","#
            + #""arrival_price":"\#(ask ?? "100")"\#(quote ?? "")}"#
    }

    func submit(_ lines: [String]) async throws {
        let submitted = try await trading.program.run(
            "decisions", "submit", input: lines.joined(separator: "\n") + "\n")
        try #require(submitted.status == 0, "\(submitted.err) \(submitted.text)")
    }

    /// What the shadow lane wrote, as payloads with their type and symbol.
    func shadows(_ type: String = "") async throws -> [[String: Any]] {
        let read = try await trading.program.run("log", "read", "--topic", "torghut.lean.shadow.v1", "--values")
        return try read.lines.compactMap { line in
            let event = try fields(line)
            guard (event["event_type"] as? String)?.hasPrefix("shadow." + type) == true else { return nil }
            var payload = try #require(event["payload"] as? [String: Any])
            payload["symbol"] = event["symbol"]
            payload["event_type"] = event["event_type"]
            payload["event_id"] = event["event_id"]
            return payload
        }
    }

    static func metrics(of roles: RunningRoles) async throws -> String {
        let answer = try await HTTPPool(lanes: 1).exchange(HTTPRequest(.get, roles.address + "/metrics")).result.get()
        return String(decoding: answer.body, as: UTF8.self)
    }

    func parity() async throws -> JSONAnswer {
        let told = try await trading.program.run("shadow", "parity", "--lookback-hours", "1", "--json")
        try #require(told.status == 0, "\(told.err)")
        return JSONAnswer(told.out)
    }
}
