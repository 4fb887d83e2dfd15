import Glibc
import Runtime

/// The programs that run beside the roles, each with its place in the folder.
struct UpPrograms: Sendable {
    let simulator: UpService
    let runner: UpService
    let trader: UpService?
    let postgres: HousePostgres

    /// Programs lie beside this one, where the build puts all of them.
    static func path(_ name: String) throws -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &path, path.count)
        let bytes = path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        let folder = String(decoding: bytes, as: UTF8.self).split(separator: "/").dropLast().joined(separator: "/")
        let program = "/\(folder)/\(name)"
        guard unsafe access(program, X_OK) == 0 else {
            throw UpFailure("\(name) is not beside torghut, in /\(folder); 'make up' builds all of them")
        }
        return program
    }

    static func log(_ name: String, in folder: UpFolder) throws -> UpLogFile {
        try UpLogFile(folder["logs"] + "/\(name).log")
    }

    init(_ folder: UpFolder, _ ports: UpPorts, _ options: UpOptions, script: String, _ notes: UpNotes) throws {
        let (simulated, runs) = (try Self.path("torghut-sim"), try Self.path("lean-runner"))
        let broker = "http://127.0.0.1:\(ports.simulator)"
        simulator = UpService(
            UpChild.Order(
                name: "simulator", program: simulated,
                arguments: [
                    "alpaca", "--port", "\(ports.simulator)", "--stream-port", "\(ports.stream)", "--books",
                    folder["simulator"], "--market-pace", UpSettings.marketPace, "--symbols", UpSettings.symbols,
                    "--lean-port", "\(ports.front)", "--lean-to", "http://127.0.0.1:\(ports.runner)",
                    "--product", folder[UpFolder.cardName], "--bars", folder["runner"] + "/market/bars.csv",
                    "--until-eof",
                ],
                environment: UpSettings.processEnvironment(without: []), log: try Self.log("simulator", in: folder)),
            notes)
        runner = UpService(
            UpChild.Order(
                name: "runner", program: runs,
                arguments: [
                    "--port", "\(ports.runner)", "--data", folder["runner"], "--latch-folder", folder.path,
                    "--broker-url", broker, "--drain-seconds", "2", "--until-eof",
                ], environment: UpSettings.runnerEnvironment(broker: broker), log: try Self.log("runner", in: folder)),
            notes)
        trader =
            options.hasTrader
            ? UpService(
                UpChild.Order(
                    name: "trader", program: simulated,
                    arguments: [
                        "trader", "--api", "http://127.0.0.1:\(ports.api)", "--token-file",
                        folder[UpFolder.traderTokenName], "--per-second", options.rate, "--symbols",
                        UpSettings.symbols, "--strategy", UpSettings.strategy.name, "--market", broker,
                        "--until-eof",
                    ], environment: UpSettings.processEnvironment(without: []), log: try Self.log("trader", in: folder)),
                isAwaited: false, notes) : nil
        postgres = HousePostgres(under: folder.path, script, try Self.log("postgres", in: folder), notes)
    }

    private var services: [UpService] { [simulator, runner, trader, postgres.service].compactMap { $0 } }

    /// Every process beside this one, and this one.
    var processes: [UpCard.Process] {
        let servers = [("postgres_server", postgres.serverPID)]
        let known = [("up", Optional(getpid()))] + services.map { ($0.name, $0.pid) } + servers
        return known.compactMap { name, pid in pid.flatMap { UpCard.Process(name, $0) } }
    }

    /// Watches all of them until the task is cancelled; throws when one never stays.
    func keep(_ changed: @escaping @Sendable () async -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.keep(changed) } }
            for try await _ in group {}
        }
    }

    /// Everything that still runs, at once.
    func kill() {
        for service in services { service.signal(SIGKILL) }
        // Without waiting for what is open: its log makes it whole at the next start.
        if let server = postgres.serverPID { _ = Glibc.kill(server, SIGQUIT) }
    }

    /// Ends those that the roles lean on; answers whom it had to kill.
    func stop(by deadline: ContinuousClock.Instant) async -> [String] {
        await withTaskGroup(of: String?.self) { group in
            for service in [simulator, runner, trader].compactMap({ $0 }) {
                group.addTask { await service.stop(by: deadline) ? service.name : nil }
            }
            group.addTask { await postgres.stop(by: deadline) ? "postgres" : nil }
            return await group.reduce(into: []) { killed, name in if let name { killed.append(name) } }
        }
    }
}
