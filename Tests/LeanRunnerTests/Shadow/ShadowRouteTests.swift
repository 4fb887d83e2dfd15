import HTTPClient
import HTTPServer
import TestSupport
import Testing

@Suite struct `The shadow routes of the runner` {
    private static let quote =
        #""reference_quote":{"bid":190.19,"ask":"190.21","bid_size":0,"ask_size":3,"quote_ts":"2026-02-12T06:35:00Z"}"#

    @Test func `give the price of the quote, and none without one`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        func simulate(_ fields: String) async -> JSONAnswer? {
            let more = fields.isEmpty ? "" : "," + fields
            let body = #"{"symbol":"AAPL","side":"buy","qty":2,"intent_price":190\#(more)}"#
            return await runner.ask(.post, "/v1/shadow/simulate", body)?.json
        }
        let priced = await simulate(Self.quote)
        #expect(priced?("simulated_fill_price", as: String.self) == "190.21")
        #expect(priced?("parity_status", as: String.self) == "unknown")
        #expect(priced?("authority_mode", as: String.self) == "embedded_engine")
        #expect(priced?("promotion_authority_eligible", as: Bool.self) == false)
        #expect(priced?("_lean_audit", "operation", as: String.self) == "shadow_simulate")
        let blind = await simulate("")
        #expect(blind?("simulated_fill_price", as: String.self) == nil)
        #expect(blind?("failure_taxonomy", as: String.self) == "quote_missing")
        let limited = await simulate(#""order_type":"limit","limit_price":190.2,\#(Self.quote)"#)
        #expect(limited?("parity_status", as: String.self) == "inconclusive")
        #expect(limited?("failure_taxonomy", as: String.self) == "no_simulated_fill")
        for wrong in [#""quantity":1"#, #""reference_quote":{"bid":1}"#, #""order_type":"iceberg""#] {
            #expect(await simulate(wrong)?("code", as: String.self) == "contract_invalid", "\(wrong)")
        }
        #expect(try await runner.stopped() == 0)
        _ = ground.folder
    }

    @Test func `hold an intent against the rule it should follow from`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        func evaluate(_ action: String, _ features: String, qty: Int = 1) async -> JSONAnswer? {
            let body = #"""
                {"strategy_id":"s1","symbol":"BTC/USD","intent":{"action":"\#(action)","qty":\#(qty),"order_type":"market",
                "time_in_force":"day","features":{\#(features)},"definition":{"strategy_type":"legacy_macd_rsi@1.0.0",
                "qty":"2","universe":["BTC/USD"]}}}
                """#
            return await runner.ask(.post, "/v1/strategy-shadow/evaluate", body)?.json
        }
        func status(_ answer: JSONAnswer?) -> String? { answer?("parity_status", as: String.self) }
        let oversold = #""price":100,"macd":{"macd":"0.4","signal":0.1},"rsi":31"#
        let first = await evaluate("buy", oversold), second = await evaluate("buy", oversold)
        #expect(status(first) == "pass")
        #expect(first?("governance", "promotion_ready", as: Bool.self) == false)
        // History, not one row for one text.
        #expect(first?("run_id", as: String.self) != second?("run_id", as: String.self))
        #expect(status(await evaluate("sell", oversold)) == "drift")
        #expect(status(await evaluate("buy", oversold, qty: 3)) == "drift")
        for (absent, seen) in [
            ("rsi14", #""price":100,"macd":{"macd":"0.4","signal":0.1}"#),
            ("macd", #""price":100,"rsi":31,"macd_signal":0.1"#), ("macd_signal", #""price":100,"rsi":31,"macd":0.4"#),
        ] {
            let partly = await evaluate("buy", seen)
            #expect(status(partly) == "inconclusive", "\(absent)")
            #expect(partly?("reason", as: String.self)?.hasSuffix("feature \(absent)") == true)
        }
        let blind = await evaluate("buy", #""note":"nothing""#)
        #expect(status(blind) == "inconclusive")
        #expect(blind?("reason", as: String.self)?.contains("no features") == true)
        #expect(try await runner.stopped() == 0)
        _ = ground.folder
    }

    @Test func `ask an upstream where there is one, and stamp no authority on it`() async throws {
        let upstream = try HTTPServer { _ in .json(Array(#"{"simulated_fill_price":1,"parity_status":"pass"}"#.utf8)) }
        let address = "http://127.0.0.1:\(upstream.port)"
        let ground = try RunnerGround(["TRADING_LEAN_SHADOW_UPSTREAM_URL": address])
        let runner = try ground.start()
        let answer = await runner.ask(
            .post, "/v1/shadow/simulate", #"{"symbol":"AAPL","side":"buy","qty":2}"#)?.json
        #expect(answer?("simulated_fill_price", as: Int.self) == 1)
        #expect(answer?("authority_mode", as: String.self) == "deterministic_scaffold")
        await upstream.stop()
        let gone = await runner.ask(.post, "/v1/shadow/simulate", #"{"symbol":"AAPL","side":"buy","qty":2}"#)
        #expect(gone?.status == 502)
        #expect(try await runner.stopped() == 0)
        _ = ground.folder
    }
}
