import Bus
import Core
import Domain
import Glibc
import Postgres
import Runtime
import Synchronization
import Telemetry
import Threading

/// One run of `up`: everything is started, watched, and ended in the right order, however it ends.
struct UpRun: Sendable {
    /// From a signal to the end, whatever hangs: the other programs end with their input.
    private static let endLimit: Duration = .seconds(5)

    private let invocation: Invocation
    private let options: UpOptions
    private let folder: UpFolder
    private let began: ContinuousClock.Instant
    private let beganAt: Timestamp

    init(_ invocation: Invocation) throws {
        self.invocation = invocation
        (began, beganAt) = (.now, SystemTime().now())
        options = try UpOptions(invocation)
        let settings = try invocation.settings()
        guard settings.log == .journal(settings.defaultJournal) else {
            throw UsageError(
                "up keeps a journal of its own in the data folder, not \(settings.log); leave out --log and "
                    + "TORGHUT_LOG, or use 'torghut run'")
        }
        folder = UpFolder(path: settings.dataFolder)
    }

    func run() async throws -> ExitCode {
        let code = Mutex(ExitCode.ok)
        try await Interruption.ends(within: Self.endLimit) {
            let lock = try await prepare()
            defer { withExtendedLifetime(lock) {} }
            let ended = try await work()
            code.withLock { $0 = ended }
        }
        return code.withLock { $0 }
    }

    /// The folder is ours, nobody else works in it, and nothing of an earlier `up` is left running.
    private func prepare() async throws -> UpLock {
        try folder.check()
        try folder.make()
        let lock = try UpLock(folder)
        let killed = try await UpLeftovers.end(folder)
        // What it says is no longer so.
        folder.removeCard()
        if !killed.isEmpty { StandardError.line("left over and killed: \(killed.joined(separator: ", "))") }
        if options.isFresh {
            let left = try UpFresh.clear(folder, isSure: options.isSure)
            if !left.isEmpty {
                StandardError.line("not made by 'torghut up', and left: \(left.joined(separator: ", "))")
            }
        }
        try folder.begin(at: beganAt)
        let foreign = UpSettings.foreign
        if !foreign.isEmpty {
            StandardError.line(
                "set aside: \(foreign.joined(separator: ", ")); 'up' has a broker and a database of its own, for others "
                    + "there is 'torghut run'")
        }
        return lock
    }

    private func work() async throws -> ExitCode {
        let log = try UpPrograms.log("up", in: folder)
        let isTerminal = StandardOutput.isTerminal
        let notes = UpNotes(log) { if !isTerminal { StandardError.line($0) } }
        let (tokens, ports) = (try UpTokens(folder), try UpPorts(folder).chosen(api: options.port))
        try ports.keep(in: folder)
        let programs = try UpPrograms(folder, ports, options, script: try script(), notes)
        let registry = Registry()
        let engine = LogWatch(registry)
        return try await OpenedLog.using(try invocation.settings(), to: .hold, watch: engine) { opened in
            let stage = UpStage(
                opened: opened, folder: folder, programs: programs, ports: ports, tokens: tokens, notes: notes)
            let outcome: Result<UpStage.Ending, any Error>
            do {
                let (settings, database) = try await start(stage)
                let house = try UpHouse(opened, settings, log, engine, registry)
                outcome = await stage.run(house, options, began, database: database, json: invocation.json)
            } catch { outcome = .failure(error) }
            // A task of its own: what stops everything is not itself stopped.
            let killed = await Task { await programs.stop(by: stage.deadline) }.value
            stage.ended()
            for name in killed { StandardError.line("\(name) did not end by itself, and was killed") }
            folder.removeCard()
            return try await UpSummary(outcome.get(), opened.log, beganAt, options, json: invocation.json).tell()
        }
    }

    private func script() throws -> String {
        let files = try invocation.settings().installedFiles
        do throws(SettingsProblems) { return try files.path(of: InstalledFiles.privatePostgres) } catch {
            throw UsageError(problems: error.problems)
        }
    }

    /// Everything beside the roles runs, and simulated orders may flow; answers the roles' settings and their database.
    private func start(_ stage: UpStage) async throws -> (Settings, database: String) {
        async let address = stage.programs.postgres.start()
        async let broker = stage.programs.simulator.start()
        async let runner = stage.programs.runner.start()
        let log = stage.opened.log
        try await TopicPlan(TopicCatalog.specs, found: log.describe()).apply(to: log)
        if try await UpOpening.say(on: stage.opened.log, in: folder, [UpSettings.strategy]) {
            stage.notes.tell("begun: the kill switch is released and strategies may trade, with a simulated broker")
        }
        _ = try await (broker, runner)
        let ports = stage.ports
        var certain = UpSettings.certain(
            folder, api: ports.api, simulator: ports.simulator, stream: ports.stream, front: ports.front)
        let database = try await address
        certain[PostgresSettings.variables[0]] = database
        return (try invocation.settings(adding: UpSettings.additions(certain)), database)
    }
}
