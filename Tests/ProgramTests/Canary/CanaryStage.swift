import Core
import Domain
import Foundation
import HTTPClient
import TestSupport
import Testing

/// Real programs at both ends: decisions, a runner that fails as it is told, the broker, and the gates in between.
struct CanaryStage {
    let broker: Simulator
    let runner: Simulator
    let trading: Trading
    private let symbols = ["AAPL", "MSFT", "NVDA", "TSLA", "AMZN", "GOOG", "META", "NFLX"]

    /// With `isAlone` nothing but the canary judges LEAN.
    init(_ settings: [String: String] = [:], isAlone: Bool = true) throws {
        broker = try Simulator("alpaca", "--cash", "100000000")
        runner = try Simulator("lean", "--to", broker.address())
        var trading = try Trading()
        trading.program.environment.merge([
            "APCA_API_BASE_URL": broker.address(), "TRADING_LEAN_RUNNER_URL": runner.address(),
            "TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "all",
            "TRADING_EXECUTION_FALLBACK_ADAPTER": "alpaca", "TRADING_LEAN_RUNNER_HEALTH_MAX_AGE_SECONDS": "60",
            "TRADING_LEAN_LIVE_CANARY_ENABLED": "true", "TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY": "false",
            "TRADING_PLANNED_DECISION_TIMEOUT_SECONDS": "3600",
        ]) { $1 }
        if isAlone {
            trading.program.environment.merge([
                "TRADING_LEAN_BREAKER_MINIMUM_SAMPLE": "100000", "TRADING_SYMBOL_REVIEW_FALLBACK_LIMIT": "1000",
            ]) { $1 }
        }
        trading.program.environment.merge(settings) { $1 }
        self.trading = trading
    }

    func start() async throws -> RunningRoles { try await RunningRoles(trading.program, "commands,router,gates") }

    /// Trading is open, orders rest at the broker, and the runner is known to be well.
    func open() async throws {
        try await eventually("topics") { try await trading.program.run("topics", "verify").status == 0 }
        try await trading.open()
        #expect(try await trading.enable().status == 0)
        try await broker.control("/_sim/outcomes", #"{"action":"rest","times":100000}"#)
        try await runnerIsWell()
    }

    func runnerIsWell() async throws {
        try await eventually("a runner that is well") {
            try await lines(TopicCatalog.control).contains {
                $0.contains("control.runner_health_observed") && $0.contains("adapter:lean")
            }
        }
    }

    func lines(_ topic: CatalogTopic, holding text: String = "") async throws -> [String] {
        let read = try await trading.program.run("log", "read", "--topic", topic.name, "--values")
        return read.lines.filter { text.isEmpty || $0.contains(text) }
    }

    /// Decisions with these numbers, over all symbols.
    func submit(_ numbers: Range<Int>) async throws {
        let input = numbers.map { Trading.line($0, symbol: symbols[$0 % symbols.count]) }.joined(separator: "\n") + "\n"
        let submitted = try await trading.program.run("decisions", "submit", input: input)
        #expect(submitted.status == 0, "\(submitted.err)")
    }

    func status() async throws -> [[String: any Sendable]] {
        try await trading.program.run("canary", "status", "--json").lines.map(fields)
    }

    func metric(_ running: RunningRoles, _ name: String) async throws -> Double? {
        let request = HTTPRequest(.get, running.address + "/metrics")
        let text = String(decoding: try await HTTPPool(lanes: 1).exchange(request).result.get().body, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") || $0.hasPrefix(name + "{") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }

    /// A copy of the log without the canary's own topic, as an archive.
    func copyWithoutVerdicts() async throws -> String {
        let folder = trading.program.ground.folder + "/copy-" + UUID().uuidString.prefix(8)
        var arguments = ["log", "archive"]
        for topic in TopicCatalog.all where topic.name != TopicCatalog.canary.name {
            arguments += ["--topic", topic.name]
        }
        let archived = try await trading.program.run(arguments + [folder])
        try #require(archived.status == 0, "\(archived.err)")
        return folder
    }
}
