import Foundation
import TestSupport
import Testing

/// A whole system, each role in a process of its own, where every part can be stopped in every way: what lies between
/// them goes through relays, and a relay that is stopped is a black hole.
final class StoppingStage {
    private(set) var program: Program
    let broker: Simulator
    let postgres: PrivatePostgres
    private let database: PrivateDatabase
    /// Relays by what lies behind them.
    private var relays: [String: Simulator] = [:]
    private var running: [String: RunningRoles] = [:]
    private var runner: RunningRunner?
    private let runnerPort: Int
    private(set) var api = ""

    init() async throws {
        broker = try Simulator("alpaca")
        postgres = try PrivatePostgres()
        database = try postgres.database()
        let trading = try Trading()
        program = trading.program
        let runner = try RunningRunner(program, broker: broker.address())
        self.runner = runner
        runnerPort = runner.port
        try await program.prepared()
        try await trading.open()
        try Self.tokens(program)
        relays = [
            "broker": try Self.relay(broker.ports["http"] ?? 0), "stream": try Self.relay(broker.ports["stream"] ?? 0),
            "lean": try Self.relay(runnerPort), "database": try Self.relay(databasePort),
            "projections' database": try Self.relay(databasePort),
        ]
        let alpaca = "http://127.0.0.1:\(port("broker"))"
        program.environment.merge([
            "TORGHUT_API_PORT": "0", "TORGHUT_API_TOKENS": program.ground.folder + "/tokens",
            "TORGHUT_DB_DSN": address("database"), "APCA_API_BASE_URL": alpaca, "ENABLE_TRADE_UPDATES": "true",
            "ALPACA_TRADE_STREAM_URL": "ws://127.0.0.1:\(port("stream"))/stream", "RECONNECT_BASE_MS": "50",
            "RECONNECT_MAX_MS": "500", "TRADING_RECONCILE_ENABLED": "false",
            "TRADING_LEAN_RUNNER_URL": "http://127.0.0.1:\(port("lean"))", "TRADING_EXECUTION_ADAPTER": "lean",
            "TRADING_EXECUTION_ADAPTER_POLICY": "all", "TRADING_EXECUTION_FALLBACK_ADAPTER": "alpaca",
            "TRADING_LEAN_SHADOW_EXECUTION_ENABLED": "true", "TRADING_LEAN_STRATEGY_SHADOW_ENABLED": "true",
            "TRADING_LEAN_BACKTEST_ENABLED": "true",
        ]) { $1 }
    }

    static func tokens(_ program: Program) throws {
        let tokens = program.ground.folder + "/tokens"
        try "reader read reader-token-0123456\n".write(toFile: tokens, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: tokens)
    }

    private static func relay(_ port: Int) throws -> Simulator {
        try Simulator("tcp-faults", "--to", "127.0.0.1:\(port)")
    }

    private func port(_ relay: String) -> Int { relays[relay]?.ports["tcp"] ?? 0 }

    private var databasePort: Int {
        let address = postgres.tcpAddress(database: database.name)
        return address.split(separator: "/").dropLast().last.flatMap { $0.split(separator: ":").last }
            .flatMap { Int($0) } ?? 0
    }

    /// The database behind one of its relays.
    private func address(_ relay: String) -> String {
        postgres.tcpAddress(database: database.name).replacing(":\(databasePort)/", with: ":\(port(relay))/")
    }

    /// The API holds the journal: it is who looks, and is not stopped.
    func open(_ roles: [String]) async throws {
        api = try await listen("api")
        for role in roles { try await start(role) }
        try await StatusSight(address: api).waits(within: .seconds(60), for: "a system that is well") { $0.isEmpty }
    }

    private func listen(_ roles: String) async throws -> String {
        let started = try await RunningRoles(program, roles)
        running["api"] = started
        return try await StatusSight.address(of: started)
    }

    func start(_ role: String) async throws {
        var program = program
        if role == "projections" { program.environment["TORGHUT_DB_DSN"] = address("projections' database") }
        running[role] = try await RunningRoles(program, role)
    }

    func signal(_ number: Int32, _ role: String) { running[role]?.signal(number) }

    /// The relay's process stands: connections are taken by the kernel, and nothing passes.
    func blackHole(_ relay: String, _ isOpen: Bool) {
        if let pid = relays[relay]?.processID { kill(pid, isOpen ? SIGCONT : SIGSTOP) }
    }

    func signalRunner(_ number: Int32) { if let runner { kill(runner.process.processIdentifier, number) } }

    func startRunner() throws {
        runner = nil
        runner = try RunningRunner(program, broker: broker.address(), port: runnerPort)
    }

    /// Every process of the server, the postmaster first.
    func signalPostgres(_ number: Int32) throws {
        let file = try String(contentsOfFile: postgres.folder + "/data/postmaster.pid", encoding: .utf8)
        let postmaster = try #require(file.split(separator: "\n").first.flatMap { Int32($0) })
        kill(postmaster, number)
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let pid = Int32(name), let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            else { continue }
            let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
            if fields.count > 1, Int32(fields[1]) == postmaster { kill(pid, number) }
        }
    }

    func close() async throws {
        for name in relays.keys { blackHole(name, true) }
        for role in running.values { role.signal(SIGKILL) }
    }
}
