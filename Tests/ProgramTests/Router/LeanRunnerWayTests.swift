import Domain
import Foundation
import TestSupport
import Testing

/// The router and the runner as they are shipped, with a broker behind them that fails as it is told.
@Suite struct `An order by way of the runner` {
    private final class Ground {
        let broker: Simulator
        let folder = TemporaryFolder()
        var runner: RunnerProgram?
        var trading: Trading

        init() throws {
            broker = try Simulator("alpaca", "--cash", "1000000")
            trading = try Trading()
            try start()
            trading.program.environment.merge([
                "APCA_API_BASE_URL": broker.address(), "TRADING_LEAN_RUNNER_URL": runner?.address ?? "",
                "TRADING_LEAN_RUNNER_TOKEN": "shared", "TRADING_EXECUTION_ADAPTER": "lean",
                "TRADING_EXECUTION_ADAPTER_POLICY": "all", "TRADING_EXECUTION_FALLBACK_ADAPTER": "alpaca",
                "TRADING_LEAN_RUNNER_REQUIRE_HEALTHY": "false", "TRADING_LEAN_RUNNER_TIMEOUT_SECONDS": "10",
            ]) { $1 }
        }

        /// On the same port as before, so that the router finds it.
        func start() throws {
            runner = try RunnerProgram(
                broker: broker.address(), data: folder.path,
                environment: ["TRADING_LEAN_RUNNER_TOKEN": "shared", "LEAN_RUNNER_BROKER_TIMEOUT_SECONDS": "2"],
                port: runner?.port ?? 0)
        }

        func submit(_ number: Int, _ symbol: String) async throws {
            let submitted = try await trading.program.run(
                "decisions", "submit", input: Trading.line(number, symbol: symbol))
            try #require(submitted.status == 0, "\(submitted.err)")
        }

        /// What the route's events of one symbol say, in order.
        func route(_ symbol: String) async throws -> [(type: String, payload: [String: Any])] {
            let read = try await trading.program.run("log", "read", "--topic", TopicCatalog.route.name)
            return try read.lines.compactMap { line in
                let value = try fields(try #require(try fields(line)["value"] as? String))
                guard value["symbol"] as? String == symbol, let type = value["event_type"] as? String else {
                    return nil
                }
                return (type, value["payload"] as? [String: Any] ?? [:])
            }
        }

        func waits(for type: String, of symbol: String) async throws -> [(type: String, payload: [String: Any])] {
            try await eventually("\(type) of \(symbol)") {
                try await route(symbol).contains { $0.type == type }
            }
            return try await route(symbol)
        }
    }

    @Test func `goes to LEAN, is found after a death, and falls back only by a proof`() async throws {
        let ground = try Ground()
        let process = try Projector(ground.trading.program, ["run", "--roles", "commands,router"])
        try await eventually("topics") {
            try await ground.trading.program.run("topics", "verify").status == 0
        }
        try await ground.trading.open()
        #expect(try await ground.trading.enable().status == 0)

        // The runner works.
        try await ground.submit(1, "PLAIN")
        let plain = try await ground.waits(for: "route.attempt_accepted", of: "PLAIN")
        #expect(plain.last { $0.type == "route.attempt_accepted" }?.payload["execution_adapter"] as? String == "lean")

        // The broker has the order, and the runner dies before it can say so.
        try await ground.broker.control(
            "/_sim/outcomes", #"{"action": "hang_after", "symbol": "LOST", "milliseconds": 60000}"#)
        try await ground.submit(2, "LOST")
        try await eventually("a submit of LOST") {
            try await ground.broker.control("/_sim/summary")("submits", as: Int.self) == 2
        }
        try await ground.runner?.killed()
        _ = try await ground.waits(for: "route.attempt_unknown", of: "LOST")
        try ground.start()
        let lost = try await ground.waits(for: "route.attempt_resolved", of: "LOST")
        #expect(!lost.contains { $0.type == "route.fallback_decided" })

        // The runner is not there at all: not one byte can have arrived.
        try await ground.runner?.killed()
        try await ground.submit(3, "GONE")
        let gone = try await ground.waits(for: "route.fallback_decided", of: "GONE")
        #expect(gone.contains { $0.payload["proof"] as? String == "never_connected" }, "\(gone)")

        // The broker swallows the runner's order: the runner voids it once it is proved that there is none.
        try ground.start()
        try await ground.broker.control(
            "/_sim/outcomes", #"{"action": "hang_before", "symbol": "VOID", "milliseconds": 60000}"#)
        try await ground.submit(4, "VOID")
        let void = try await ground.waits(for: "route.fallback_decided", of: "VOID")
        #expect(void.contains { $0.type == "route.attempt_unknown" }, "\(void)")
        let proofs = void.filter { $0.type == "route.fallback_decided" }.map { $0.payload["proof"] as? String }
        #expect(proofs == ["voided"] || proofs == ["deadline_and_absence"], "\(void)")
        for symbol in ["GONE", "VOID"] {
            let told = try await ground.waits(for: "route.attempt_accepted", of: symbol)
            #expect(
                told.last { $0.type == "route.attempt_accepted" }?.payload["execution_adapter"] as? String == "alpaca")
        }
        let summary = try await ground.broker.control("/_sim/summary")
        #expect(summary("orders", as: Int.self) == 4)
        #expect(summary("most_live_or_filled", as: Int.self) == 1)
        #expect(try await process.stop() == 0)
    }
}
