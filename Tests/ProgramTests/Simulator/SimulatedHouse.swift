import Core
import Domain
import Foundation
import TestSupport
import Testing

/// The whole product on a simulated broker: runner, roles, and a trader that decides; what a scenario is played on.
final class SimulatedHouse {
    static let symbols = "AAPL,MSFT,NVDA,TSLA"

    let broker: Simulator
    let trading: Trading
    let runner: RunningRunner
    let api: RunningAPI
    private let database: PrivateDatabase
    private let trader: Process
    private let held = Pipe()

    init(perSecond pace: Int) async throws {
        var trading = try Trading()
        let up = trading.program.ground.folder + "/up.json"
        broker = try Simulator(
            "alpaca", "--lean-port", "0", "--market-pace", "20", "--symbols", Self.symbols, "--product", up)
        runner = try RunningRunner(trading.program, broker: broker.address())
        try await broker.control("/_sim/lean", #"{"to":"\#(runner.address)"}"#)
        database = try PrivatePostgres.shared().database()
        let stream = "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)"
        trading.program.environment.merge([
            "APCA_API_BASE_URL": broker.address(), "TORGHUT_SIMULATOR_URL": broker.address(),
            "TRADING_LEAN_RUNNER_URL": broker.address("lean"),
            "ENABLE_TRADE_UPDATES": "true", "ALPACA_TRADE_STREAM_URL": stream + "/stream",
            "RECONNECT_BASE_MS": "50", "RECONNECT_MAX_MS": "200", "TRADING_RECONCILE_MS": "5000",
            "TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "all",
            "TRADING_EXECUTION_FALLBACK_ADAPTER": "alpaca", "TRADING_ALLOW_SHORTS": "true",
            "TRADING_SYMBOL_REVIEW_FALLBACK_LIMIT": "1000",
            // A machine that is busy is not to be taken for a runner that is ill.
            "TRADING_LEAN_BREAKER_MINIMUM_SAMPLE": "100000", "TRADING_LEAN_LIVE_CANARY_ENABLED": "true",
            "TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY": "false", "TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "60",
        ]) { $1 }
        try await trading.program.prepared()
        self.trading = trading
        api = try await RunningAPI(
            trading.program, roles: "ingest,projections,commands,router,gates,api", address: database.address)
        try Data(#"{"api":"\#(api.address)","token":"\#(RunningAPI.trader)"}"#.utf8).write(to: URL(filePath: up))
        let token = trading.program.ground.folder + "/token"
        try Data((RunningAPI.trader + "\n").utf8).write(to: URL(filePath: token))
        for path in ["/trading/control/resume", "/trading/control/strategies/momentum/enable"] {
            let said = try await api.post(path, #"{"reason":"a test"}"#)
            try #require(said.status == 200, "\(said)")
        }
        trader = trading.program.process(
            [
                "trader", "--api", api.address, "--token-file", token, "--per-second", "\(pace)", "--market",
                broker.address(), "--symbols", Self.symbols, "--until-eof",
            ], executable: Simulator.path)
        trader.standardInput = held
        trader.standardOutput = FileHandle.nullDevice
        try trader.run()
        try await eventually("orders by LEAN") {
            try await broker.control("/_sim/lean")("submits", as: Int.self) ?? 0 > 5
        }
    }

    deinit {
        for process in [trader, api.roles.process] where process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func submits() async throws -> Int { try await broker.control("/_sim/summary")("submits", as: Int.self) ?? 0 }

    /// What the scenario said, line by line; it has ended.
    func play(_ scenario: String, _ more: String...) async throws -> [String] {
        let output = try await trading.program.run(
            ["scenario", scenario, "--broker", broker.address()] + more, executable: Simulator.path)
        try #require(output.status == 0, "\(output.err)")
        #expect(output.lines.last == "\(scenario): is over")
        return output.lines
    }

    /// The events of these topics, oldest first of each.
    func events(_ topics: CatalogTopic...) async throws -> [[String: any Sendable]] {
        var events: [[String: any Sendable]] = []
        for topic in topics {
            let read = try await trading.program.run(["log", "read", "--topic", topic.name, "--values"])
            events += try read.lines.map { try fields($0) }
        }
        return events
    }

    /// Types of the route's events of one order, oldest first.
    func route(of order: String) async throws -> [String] {
        try await events(TopicCatalog.route).compactMap { event in
            guard (event["payload"] as? [String: any Sendable])?["client_order_id"] as? String == order else {
                return nil
            }
            return event["event_type"] as? String
        }
    }

    func stop() async throws {
        try held.fileHandleForWriting.close()
        #expect(try await trader.finish() == 0)
        #expect(try await api.roles.stop() == 0)
    }
}
