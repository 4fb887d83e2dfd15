import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `The lanes that need no quote of the decision` {
    @Test func `take the quote that ingest recorded, and evaluate strategies beside it`() async throws {
        var day = try await ShadowDay([
            "TRADING_LEAN_STRATEGY_SHADOW_ENABLED": "true", "TRADING_QUOTES_ENABLED": "true",
            "TRADING_QUOTES_SYMBOLS": "AAPL,MSFT",
        ])
        day.trading.program.environment["TRADING_QUOTES_STREAM_URL"] =
            "ws://127.0.0.1:\(day.broker.ports["stream"] ?? 0)/v2/iex"
        let roles = try await day.open()
        try await eventually("the market's stream") {
            try await day.broker.control("/_sim/streams")("market", as: Int.self) == 1
        }
        try await eventually("a recorded quote") {
            try await day.quote("AAPL", bid: "300", ask: "300.3", slippage: "10")
            return try await day.trading.program.run("log", "read", "--topic", "torghut.quotes.v1").lines.count > 0
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
}
