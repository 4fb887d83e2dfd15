import Bus
import Core
import Domain
import FoundationEssentials
import Glibc
import OTLP
import Runtime
import Telemetry
import Threading

/// Runs roles of the house until it is told to stop.
enum Run {
    static let metricsEvery: Duration = .seconds(5)

    static let command = Command(
        "run", "run roles of the house until Ctrl-C",
        details: """
            Roles of this release: \(RoleCatalog.all.map { $0.name.rawValue }.joined(separator: ", ")). They start in this \
            order, and make what they miss: topics, tables.

            projections folds the log into the read models of TORGHUT_DB_DSN. On a journal it owns every partition; \
            on Kafka the processes of the group torghut-projections share them. A process that lost its partitions to \
            another one says so; on a journal it ends with exit code 1.

            A small port on this machine answers GET /metrics, GET /healthz and POST /control/kill; where it is stands \
            in the data folder under run/. /startupz, /readyz and /livez are for whoever starts and ends processes.

            SIGTERM and Ctrl-C stop the intake and end what is in hand, within \
            \(Run.endLimit.components.seconds) s. What happens is told on standard error, one JSON object per \
            line.
            """,
        options: [
            .valued("roles", "NAMES", "which roles, separated by commas; default all"),
            .valued(
                "metrics-file", "FILE",
                "write the metrics here every \(Run.metricsEvery.components.seconds) s, in Prometheus' text format"),
            .valued("port", "N", "port on this machine; default $TORGHUT_HTTP_PORT, else a free one"),
        ]
    ) { invocation in
        let settings = try invocation.settings()
        let names = try names(invocation.value("roles"))
        try UpFolder.refuseOtherBroker(settings)
        let metricsFile = invocation.value("metrics-file")
        let place = try place(invocation, settings)
        let registry = Registry()
        let traces = try traces(settings, registry)
        do throws(SettingsProblems) { _ = try ClickHouseSettings.read(settings) } catch {
            throw UsageError(problems: error.problems)
        }
        let engine = LogWatch(registry)
        return try await OpenedLog.using(settings, to: .serve, watch: engine) { opened in
            let lines = FileLines(STDERR_FILENO, TelemetryMetrics(in: registry))
            let house = house(settings, opened.log, registry, traces) { lines.write($0) }
            let exporting = Task { await traces.exporter?.run() }
            defer { exporting.cancel() }
            let roles: [any Role]
            do throws(SettingsProblems) { roles = try RoleCatalog.roles(names, in: house) } catch {
                throw UsageError(problems: error.problems)
            }
            try await Interruption.ends(within: endLimit) {
                try await serve(opened, house, roles, engine, metricsFile, place, drainLimit: drainLimit)
            }
            await traces.exporter?.end(within: lastTraces)
            house.logbook.info("stopped")
            return .ok
        }
    }

    /// Of the time to end, what roles have for what is in hand; the rest is for last words, and for closing.
    static let drainLimit: Duration = .seconds(22)
    /// From the signal to the end of the process.
    static let endLimit: Duration = .seconds(30)
    /// The farewell takes so long at most.
    static let lastWords: Duration = .seconds(3)

    /// Spans are brought out of the house at its end for so long.
    static let lastTraces: Duration = .seconds(3)

    /// Who takes spans, and under which name of this process.
    struct Traces {
        var exporter: TraceExporter?
        let process: String
    }

    static func traces(_ settings: Settings, _ registry: Registry) throws(UsageError) -> Traces {
        let process = House.processName(at: SystemTime().now())
        do throws(TraceSettings.Problems) {
            let read = try TraceSettings.read(service: "torghut", process: process) { settings.value(of: $0) }
            return Traces(exporter: read.map { TraceExporter($0, in: registry) }, process: process)
        } catch { throw UsageError(problems: error.problems) }
    }

    /// A process's house, and who takes the lines of its log.
    static func house(
        _ settings: Settings, _ log: any EventLog, _ registry: Registry, _ traces: Traces,
        _ lines: @escaping Logbook.Sink
    ) -> House {
        let time = SystemTime()
        return House(
            settings: settings, log: log, logbook: Logbook(time: time, to: lines), registry: registry,
            time: time, tracing: traces.exporter?.tracing ?? .off, process: traces.process)
    }

    private static func names(_ given: String?) throws(UsageError) -> [String] {
        guard let given else { return RoleCatalog.all.map { $0.name.rawValue } }
        let names = given.split(separator: ",").map(String.init)
        guard !names.isEmpty else { throw UsageError("--roles names no role") }
        return names
    }

    /// Where the small port is; what can be reached from elsewhere asks for a token before it takes a word.
    struct Place: Sendable {
        var host = "127.0.0.1"
        var port: UInt16 = 0
    }

    private static func place(_ invocation: Invocation, _ settings: Settings) throws(UsageError) -> Place {
        let given = invocation.value("port")
        let text = given ?? settings.value(of: "TORGHUT_HTTP_PORT") ?? "0"
        guard let port = UInt16(text) else {
            throw UsageError(
                "\(given == nil ? "TORGHUT_HTTP_PORT" : "--port") is a port from 0 to 65535, not '\(text)'")
        }
        let host = settings.value(of: "TORGHUT_HTTP_HOST") ?? "127.0.0.1"
        guard host.hasPrefix("127.") || settings.controlToken != nil else {
            throw UsageError(
                "TORGHUT_HTTP_HOST is \(host), which others can reach: say what they must show in TORGHUT_CONTROL_TOKEN"
            )
        }
        return Place(host: host, port: port)
    }

    /// Works until the task is cancelled or a role cannot go on.
    static func serve(
        _ opened: OpenedLog, _ house: House, _ roles: [any Role], _ engine: LogWatch, _ metricsFile: String?,
        _ place: Place, drainLimit: Duration
    ) async throws {
        let listening = try ControlPort(
            house, roles: roles.map { type(of: $0).name }, host: place.host, port: place.port)
        let holder = try await opened.holdIfFree(house.settings)
        house.logbook.info(
            "starting",
            [
                "process": .text(house.process), "log": .text(house.settings.log.description),
                "roles": .text(roles.map { type(of: $0).name.rawValue }.joined(separator: ",")),
                "journal_holder": .text(holder ?? "this process"), "port": .integer(Int(listening.port)),
            ])
        // First, so that a file that cannot be written is told at once.
        if let metricsFile { try put(house.registry, metricsFile) }
        let heart = Heart(house, roles: roles.map { type(of: $0).name })
        let helpers = [
            helper(house) { if let journal = opened.journal, holder == nil { try await LogRetention.keepUp(journal) } },
            helper(house) { if let metricsFile { try await write(house.registry, to: metricsFile) } },
            helper(house) { try await engine.run(house.settings.log) },
            helper(house) { try await LatchRecorder(house).run() },
            helper(house) { try await heart.run() },
            helper(house) { try await house.watchClickHouse() },
            helper(house) { await listening.turn() },
        ]
        defer { for helper in helpers { helper.cancel() } }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await RoleRun(roles, in: house, drainLimit: drainLimit).run()) } catch {
            outcome = .failure(error)
        }
        await listening.stop()
        for helper in helpers { helper.cancel() }
        // A log that is away hears nobody out. In a task of its own: this one is cancelled, and would not wait.
        _ = await Task { await FirstAnswer.of(lastWords) { await heart.farewell() } }.value
        try outcome.get()
        if let metricsFile { try put(house.registry, metricsFile) }
    }

    /// Something beside the roles: its failure is told, and ends nothing.
    private static func helper(_ house: House, _ body: @escaping @Sendable () async throws -> Void) -> Task<Void, Never>
    {
        Task {
            do { try await body() } catch {
                if !Task.isCancelled { house.logbook.error("helper_failed", ["why": .failure(error)]) }
            }
        }
    }

    private static func write(_ registry: Registry, to path: String) async throws {
        while true {
            try await Task.sleep(for: metricsEvery)
            try put(registry, path)
        }
    }

    /// Whole or not at all: somebody may be reading it.
    private static func put(_ registry: Registry, _ path: String) throws {
        try Data(registry.renderBytes()).write(to: URL(filePath: path), options: .atomic)
    }
}
