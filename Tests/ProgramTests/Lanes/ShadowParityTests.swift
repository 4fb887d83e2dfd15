import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `The shadow of live orders` {
    private static let slippage = ["AAPL": "0", "MSFT": "3", "NVDA": "10", "TSLA": "40"]
    private static let each = 4

    @Test func `measures what the broker's fills cost beyond the quote`() async throws {
        let day = try await ShadowDay()
        for (symbol, bps) in Self.slippage { try await day.quote(symbol, bid: "200", ask: "200.02", slippage: bps) }
        let roles = try await day.open()
        let symbols = Self.slippage.keys.sorted()
        try await day.submit(
            (0..<Self.each * symbols.count).map {
                ShadowDay.decision($0, symbols[$0 % symbols.count], bid: "200", ask: "200.02")
            })
        try await eventually("every fill judged") {
            try await day.shadows("parity_judged").count == Self.each * symbols.count
        }
        for judged in try await day.shadows("parity_judged") {
            let symbol = try #require(judged["symbol"] as? String)
            let injected = try #require(Self.slippage[symbol].flatMap(Double.init))
            let measured = try #require((judged["parity_delta_bps"] as? String).flatMap(Double.init))
            #expect(abs(measured - injected) < 0.1, "\(symbol): \(measured)")
            #expect(judged["parity_status"] as? String == (injected > 3 ? "drift" : "pass"), "\(symbol): \(measured)")
        }
        let parity = try await day.parity()
        #expect(parity("events_total", as: Int.self) == Self.each * symbols.count)
        #expect(parity("drift_events", as: Int.self) == Self.each * 2)
        #expect(parity("drift_ratio", as: Double.self) == 0.5)
        #expect(abs((parity("avg_parity_delta_bps", as: Double.self) ?? 0) - 13.25) < 0.1)
        #expect(parity("failure_classes", "execution_quality_drift", as: Int.self) == Self.each * 2)
        try await draws(day)
        #expect(try await roles.stop() == 0)
    }

    /// The drawing is read by somebody else: libxml in Python.
    private func draws(_ day: ShadowDay) async throws {
        let drawn = try await day.trading.program.run("shadow", "report", "--svg", "parity.svg")
        #expect(drawn.status == 0, "\(drawn.err)")
        #expect(drawn.text.contains("drift_ratio          0.5"), "\(drawn.text)")
        let reader = """
            import sys, xml.etree.ElementTree as tree
            root = tree.parse(sys.argv[1]).getroot()
            bars = [e.get("class") for e in root.iter("{http://www.w3.org/2000/svg}rect") if e.get("class")]
            print(root.tag, bars.count("pass"), bars.count("drift"))
            """
        let read = try await day.trading.program.run(
            ["-c", reader, "parity.svg"], executable: "/usr/bin/python3")
        #expect(read.text == "{http://www.w3.org/2000/svg}svg 2 2\n", "\(read.text) \(read.err)")
    }

    @Test func `counts on where it was after a kill, and asks nothing twice`() async throws {
        let day = try await ShadowDay(["TRADING_LEAN_SHADOW_PARITY_LIMIT_BPS": "5"])
        try await day.quote("AAPL", bid: "99", ask: "100", slippage: "4")
        var roles = try await day.open()
        for round in 0..<3 {
            try await day.submit((0..<8).map { ShadowDay.decision($0, "AAPL", bid: "99", ask: "100") })
            // In the middle of it, wherever that is.
            try await eventually("some of it") { try await day.shadows().count > round * 16 }
            roles.signal(SIGKILL)
            _ = try await roles.process.finish()
            roles = try await RunningRoles(day.trading.program, ShadowDay.roles)
        }
        // A send that a kill cut off may never have left: then it stays in doubt until a person decides, without a fill.
        var filled = 0
        try await eventually("every fill judged, and no other doubt") {
            let route = try await day.trading.program.run(
                "log", "read", "--topic", TopicCatalog.route.name, "--values")
            func count(_ type: String) -> Int { route.lines.count { $0.contains("\"route.\(type)\"") } }
            filled = try await day.shadows("parity_judged").count
            let simulated = try await day.shadows("simulated").count
            return count("attempt_prepared") == 24 && simulated == 24
                && filled + count("attempt_unknown") - count("attempt_resolved") == 24
        }
        #expect(filled >= 21)
        let (simulated, judged) = (try await day.shadows("simulated"), try await day.shadows("parity_judged"))
        for (events, count) in [(simulated, 24), (judged, filled)] {
            #expect(events.count == count)
            #expect(Set(events.compactMap { $0["intent_id"] as? String }).count == count)
            #expect(Set(events.compactMap { $0["event_id"] as? String }).count == count)
        }
        #expect(judged.allSatisfy { $0["parity_status"] as? String == "pass" })
        #expect(try await day.shadows("failed").isEmpty)
        // Counted behind the append that the log shows.
        try await eventually("a metric of all of them") {
            try await ShadowDay.metrics(of: roles).contains(
                #"torghut_trading_lean_shadow_parity_total{status="pass"} \#(filled)"#)
        }
        #expect(try await roles.stop() == 0)
    }

    @Test func `fails no order when the runner is gone, and says so of each intent`() async throws {
        let day = try await ShadowDay([
            "TRADING_LEAN_SHADOW_TRIES": "2", "TRADING_LEAN_SHADOW_TIMEOUT_MS": "5000",
            "TRADING_LEAN_SHADOW_DEADLINE_MS": "20000",
        ])
        let roles = try await day.open()
        try await day.runner.killed()
        try await day.submit((0..<3).map { ShadowDay.decision($0, "AAPL", bid: "100", ask: "100") })
        try await eventually("the orders") { try await day.broker.control("/_sim/summary")("submits") == 3 }
        try await eventually("the failures") { try await day.shadows("failed").count == 3 }
        #expect(try await day.shadows("failed").allSatisfy { $0["failure_taxonomy"] as? String == "network_error" })
        // Another one at its place; what was answered stays as it is.
        let next = try RunningRunner(day.trading.program, broker: day.broker.address(), port: day.runner.port)
        try await day.submit([ShadowDay.decision(9, "AAPL", bid: "100", ask: "100")])
        try await eventually("the next one") { try await day.shadows("parity_judged").count == 1 }
        let disabled = try await day.trading.program.run(
            "lane", "disable", "live_shadow_execution", "--reason", "a test", "--actor", "ann")
        #expect(disabled.status == 0, "\(disabled.err)")
        try await eventually("the lane's answer while it is disabled") {
            try await day.submit([ShadowDay.decision(10, "AAPL", bid: "100", ask: "100")])
            return try await day.shadows("failed").contains { $0["failure_taxonomy"] as? String == "lane_disabled" }
        }
        #expect(try await roles.stop() == 0)
        #expect(next.process.isRunning)
    }
}
