import Foundation
import TestSupport
import Testing

@Suite struct `A kill while the log is away` {
    /// P8: the latch and the control port are enough; nothing waits for the log but the record.
    @Test func `lets no order leave after the command returns, and open orders end canceled`() async throws {
        var trading = try Trading()
        let cluster = try Running(trading.program, "kafka", "dev")
        let address = try #require(cluster.line())
        let broker = try Simulator("alpaca", "--key", "key", "--secret", "secret")
        trading.program.environment.merge([
            "TORGHUT_LOG": "kafka:\(address)", "APCA_API_BASE_URL": broker.address(),
            "TORGHUT_KAFKA_PROPS": "reconnect.backoff.max.ms=500",
        ]) { $1 }
        for number in 0..<40 {
            _ = try await broker.control("/_sim/quotes", "{\"symbol\":\"S\(number)\",\"bid\":\"200\",\"ask\":\"201\"}")
        }
        let roles = try await RunningRoles(trading.program, "commands,router,gates")
        try await trading.open()
        try #require(try await trading.enable().status == 0)
        try await submit(0..<10, trading)
        try await eventually("ten resting orders") { try await open(broker) == 10 }
        // More are on their way when the log stops.
        try await submit(10..<40, trading)
        cluster.signal(SIGSTOP)
        let killed = try await trading.program.run(
            ["kill", "--reason", "the log is away", "--actor", "anna", "--wait", "500ms"])
        let sent = try await submits(broker)
        #expect(killed.status == 3, "\(killed.text)\(killed.err)")
        #expect(killed.text.contains("reached: ") && killed.text.contains("NOT RECORDED"), "\(killed.text)")
        for _ in 0..<30 {
            try await Task.sleep(for: .milliseconds(100))
            #expect(try await submits(broker) == sent)
        }
        // Still without the log, for every order whose number at the broker is known.
        try await eventually("orders to be canceled") { try await open(broker) == 0 }
        cluster.signal(SIGCONT)
        let text = try roles.text()
        #expect(try await submits(broker) == sent, "\(text)")
        try await eventually("the stop on the log") {
            try await trading.program.run("log", "read", "--topic", "torghut.control.v1").text
                .contains("the log is away")
        }
        #expect(try await roles.stop() == 0)
        cluster.signal(SIGTERM)
        #expect(try await cluster.process.finish() == 0)
    }

    private func submit(_ numbers: Range<Int>, _ trading: Trading) async throws {
        let lines = numbers.map { Trading.line($0, symbol: "S\($0)") }
        let submitted = try await trading.program.run("decisions", "submit", input: lines.joined(separator: "\n"))
        try #require(submitted.status == 0, "\(submitted.err)")
    }

    private func open(_ broker: Simulator) async throws -> Int {
        try await broker.control("/_sim/summary")("open", as: Int.self) ?? -1
    }

    /// Submits and replaces that reached the broker.
    private func submits(_ broker: Simulator) async throws -> Int {
        let summary = try await broker.control("/_sim/summary")
        return (summary("submits", as: Int.self) ?? -1) + (summary("replaces", as: Int.self) ?? -1)
    }
}
