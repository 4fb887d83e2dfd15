import Foundation
import TestSupport
import Testing

@Suite struct `Running the ingest role` {
    @Test func `classifies what lies on the topics, counts it, and goes on where it was`() async throws {
        var program = try Program(Ground())
        program.environment = ["TRADING_ORDER_FEED_ACCOUNTS": "paper"]
        try await program.prepared()
        let first = try Projector(program, ["run", "--roles", "ingest", "--metrics-file", "metrics"])
        try await tell(program, Self.frame("new", "new"), Self.frame("new", "new"), "no json")
        try await reads(program, ["applied", "duplicate"])
        #expect(try await first.stop() == 0)
        let metrics = try String(contentsOfFile: program.ground.folder + "/metrics", encoding: .utf8)
        for line in [
            "torghut_trading_order_feed_messages_total 3", "torghut_trading_order_feed_duplicates_total 1",
            "torghut_trading_order_feed_missing_fields_total 1", "torghut_trading_order_feed_apply_updates_total 1",
        ] {
            #expect(metrics.contains(line + "\n"), "\(metrics)")
        }
        let second = try Projector(program, ["run", "--roles", "ingest"])
        try await tell(program, Self.frame("new", "new"), Self.frame("canceled", "canceled"))
        try await reads(program, ["applied", "duplicate", "duplicate", "applied"])
        #expect(try await second.stop() == 0)
    }

    @Test func `ends with exit code 2 and names a setting that cannot be read`() async throws {
        var program = try Program(Ground())
        program.environment = ["TRADING_ORDER_FEED_ACCOUNTS": "paper,\u{7}"]
        let refused = try await program.run("run", "--roles", "ingest")
        #expect(refused.status == 2)
        #expect(refused.err.contains("TRADING_ORDER_FEED_ACCOUNTS"))
    }

    private static func frame(_ event: String, _ status: String) -> String {
        let client = String(repeating: "ab", count: 32)
        return #"{"stream":"trade_updates","data":{"event":"\#(event)","timestamp":"2026-02-11T15:30:02Z","#
            + #""order":{"id":"o-1","client_order_id":"\#(client)","symbol":"AAPL","status":"\#(status)","#
            + #""qty":"10","filled_qty":"0","side":"buy","type":"market","time_in_force":"day"}}}"#
    }

    private func tell(_ program: Program, _ messages: String...) async throws {
        let lines = try messages.map { message in
            let line = try JSONSerialization.data(withJSONObject: ["key": "AAPL", "value": message])
            return String(decoding: line, as: UTF8.self)
        }
        let told = try await program.run(
            "log", "append", "--topic", "torghut.trade-updates.v1", input: lines.joined(separator: "\n"))
        try #require(told.status == 0, "\(told.err)")
    }

    private func reads(_ program: Program, _ expected: [String]) async throws {
        var found: [String] = []
        try await eventually("\(expected)", every: .milliseconds(100), or: { "instead of \(found)" }) {
            let read = try await program.run("log", "read", "--topic", "torghut.order-events.v1", "--values")
            found = read.lines.compactMap { line in
                let event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return (event?["payload"] as? [String: Any])?["classification"] as? String
            }
            return found == expected
        }
    }
}
