import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `The lanes that need no quote of the decision` {
    @Test func `take the quote that ingest recorded, and evaluate strategies beside it`() async throws {
        var day = try await ShadowDay([
            "TRADING_LEAN_STRATEGY_SHADOW_ENABLED": "true", "TRADING_QUOTES_ENABLED": "true",
            "TRADING_QUOTES_SYMBOLS": "AAPL,MSFT,BTC/USD",
        ])
        day.trading.program.environment["TRADING_QUOTES_STREAM_URL"] =
            "ws://127.0.0.1:\(day.broker.ports["stream"] ?? 0)/v2/iex"
        day.trading.program.environment["TRADING_QUOTES_CRYPTO_STREAM_URL"] =
            "ws://127.0.0.1:\(day.broker.ports["stream"] ?? 0)/v1beta3/crypto/us"
        let roles = try await day.open()
        try await eventually("the market's stream") {
            try await day.broker.control("/_sim/streams")("market", as: Int.self) == 2
        }
        try await eventually("a recorded quote") {
            try await day.quote("AAPL", bid: "300", ask: "300.3", slippage: "10")
            try await day.quote("BTC/USD", bid: "60000", ask: "60010", slippage: "0")
            let read = try await day.trading.program.run("log", "read", "--topic", "torghut.quotes.v1", "--values")
            // Shares and crypto come from different addresses, and lie on the same topic.
            return read.text.contains("AAPL") && read.text.contains("BTC/USD")
        }
        try await day.submit([ShadowDay.decision(0, "AAPL"), ShadowDay.decision(1, "MSFT")])
        try await eventually("one judged, one without a quote") {
            let judged = try await day.shadows("parity_judged")
            let blind = try await day.shadows("simulated").filter {
                $0["failure_taxonomy"] as? String == "quote_missing"
            }
            return judged.count == 1 && blind.count == 1
        }
        let judged = try #require(try await day.shadows("parity_judged").first)
        #expect(judged["symbol"] as? String == "AAPL")
        #expect(judged["parity_delta_bps"] as? String == "10")
        let topic = TopicCatalog.strategyShadow.name
        try await eventually("both evaluations") {
            try await day.trading.program.run("log", "read", "--topic", topic, "--values").lines.count == 2
        }
        for line in try await day.trading.program.run("log", "read", "--topic", topic, "--values").lines {
            let payload = try #require(try fields(line)["payload"] as? [String: Any])
            let governance = try #require(payload["governance_json"] as? [String: Any])
            #expect(payload["parity_status"] as? String == "inconclusive")
            #expect(governance["promotion_ready"] as? Bool == false)
            #expect(governance["blocking_reason"] as? String == "too_few_evaluations")
        }
        #expect(try await roles.stop() == 0)
    }

    private static let definition = #"""
        { "type": "legacy_macd_rsi", "version": "1.0.0", "qty": "1",
          "universe": ["AAPL"], "limits": {"max_notional": 1000} }
        """#
    /// An oversold symbol whose MACD crossed up: the rule buys.
    private static let seen = #","params":{"price":"200","macd":"0.4","macd_signal":"0.1","rsi14":"31"}"#

    private static func decision(_ number: Int, _ more: String = seen) -> String {
        String(ShadowDay.decision(number, "AAPL", bid: "200", ask: "200.02").dropLast()) + more + "}"
    }

    /// What the last evaluation says of the strategy.
    private static func governance(_ day: ShadowDay, after count: Int) async throws -> [String: Any] {
        let topic = TopicCatalog.strategyShadow.name
        var lines: [String] = []
        try await eventually("\(count) evaluations") {
            lines = try await day.trading.program.run("log", "read", "--topic", topic, "--values").lines
            return lines.count >= count
        }
        let last = try #require(lines.last)
        let payload = try #require(try fields(last)["payload"] as? [String: Any])
        #expect(payload["definition_hash"] != nil)
        #expect(!"\(payload["intent_json"] ?? "")".contains("macd"))
        return try #require(payload["governance_json"] as? [String: Any])
    }

    @Test func `make a strategy ready on evidence, and take that back when it drifts`() async throws {
        let day = try await ShadowDay([
            "TRADING_LEAN_STRATEGY_SHADOW_ENABLED": "true", "TRADING_LEAN_STRATEGY_SHADOW_MIN_EVALUATIONS": "3",
            "TRADING_LEAN_STRATEGY_SHADOW_MIN_FILLS": "2",
        ])
        try await day.quote("AAPL", bid: "200", ask: "200.02", slippage: "0")
        let roles = try await day.open()
        try Self.definition.write(
            toFile: day.trading.program.ground.folder + "/definition.json", atomically: true, encoding: .utf8)
        let enabled = try await day.trading.enable("momentum", "--definition-file", "definition.json")
        try #require(enabled.status == 0, "\(enabled.err)")
        var number = 0
        func decide(_ count: Int, _ more: String = Self.seen) async throws -> [String: Any] {
            try await day.submit((number..<number + count).map { Self.decision($0, more) })
            number += count
            return try await Self.governance(day, after: number)
        }
        #expect(try await decide(2)["blocking_reason"] as? String == "too_few_evaluations")
        try await eventually("two judged fills") { try await day.shadows("parity_judged").count == 2 }
        let ready = try await decide(1)
        #expect(ready["promotion_ready"] as? Bool == true, "\(ready)")
        // The rule makes nothing of what these saw.
        let drifted = try await decide(
            3, #","params":{"price":"200","macd":"0.1","macd_signal":"0.4","rsi14":"50"}"#)
        #expect(drifted["promotion_ready"] as? Bool == false)
        #expect(drifted["blocking_reason"] as? String == "parity_below_minimum")
        #expect(try await roles.stop() == 0)
    }
}
