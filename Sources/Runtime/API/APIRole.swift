internal import API
public import Domain
internal import HTTPServer
internal import Postgres
internal import Telemetry

/// Serves the HTTP API: reads over the read models, decisions and control over the log.
///
/// Postgres may be down: what is read from it says so, and everything else goes on.
public struct APIRole: Role {
    public static let name = RoleName.api

    private let house: House
    private let settings: APISettings
    private let pool: SessionPool
    private let database: PostgresSettings
    private let explaining: ExplainDesk
    private let simulator: SimulatorDesk?
    private let canary: CanarySight

    public init(_ house: House) throws(SettingsProblems) {
        self.house = house
        if case .archive = house.settings.log {
            throw SettingsProblems(problems: ["an archive cannot be followed; name a journal or Kafka (TORGHUT_LOG)"])
        }
        settings = try APISettings(house.settings)
        simulator = try SimulatorDesk(house.settings)
        var database = try house.settings.database()
        database.applicationName = "torghut api"
        // A reader that waits longer has gone.
        database.statementTimeout = .seconds(10)
        database.answerTimeout = .seconds(12)
        database.connectTimeout = .seconds(2)
        database.plansOnce = true
        self.database = database
        explaining = ExplainDesk(house, database)
        canary = CanarySight(house.asked, house.settings.policy.policy.gates)
        pool = SessionPool(
            database, maximumSessions: settings.sessions, maximumWaiting: 1_024, waitLimit: .seconds(5))
    }

    public func start() async throws {
        house.board.set(Self.name, .leaderStarting)
        try FolderMaking.make(house.settings.dataFolder)
    }

    public func run() async throws {
        let (sight, pulse, safety) = (ControlSight(house.log, house.time), APIPulse(house), SafetySight(house))
        let system = SystemPulse(house)
        let (watch, reads) = (StatusWatch(house, database), ReadDesk(pool, of: database))
        let intake = IntakeDesk(house)
        let metrics = APIMetrics(in: house.registry)
        let lag = LagSight(house.log, house.time)
        let hub = StreamHub(house.log, metrics, lag, limit: settings.streams)
        let stream = StreamOperation.made(hub, sight, lag, house)
        let table = table(sight, pulse, intake, stream, metrics, watch, reads, safety)
        let console = console(metrics)
        let server = try listening { if let page = console.answer($0) { page } else { await table.answer($0) } }
        house.certificates.show("api", end: server.certificateEnd)
        house.logbook.info("api_listening", ["host": .text(settings.server.host), "port": .integer(Int(server.port))])
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await makeTopics() }
                    group.addTask { await sight.run() }
                    group.addTask { await safety.run() }
                    group.addTask { await lag.run() }
                    group.addTask { await hub.run() }
                    group.addTask { await watch.run() }
                    group.addTask { await system.run(watch, safety) }
                    group.addTask { await pulse.run(SelfScrape(settings.server, port: server.port, table)) }
                    for try await _ in group {}
                })
        } catch { outcome = .failure(error) }
        await server.stop()
        await intake.close()
        reads.close()
        pool.close()
        explaining.close()
        await canary.close()
        house.board.set(Self.name, .leaderNotStarted, "ended")
        try outcome.get()
    }

    /// Without its files this process does all its work, and says to whoever opens a page what to install.
    private func console(_ metrics: APIMetrics) -> Console {
        let folder = try? house.settings.installedFiles.path(of: ConsoleFolder.name)
        let found = ConsoleFolder(folder, charts: settings.charts)
        if let fault = found.fault { house.logbook.warning("console_unavailable", ["why": .text(fault)]) }
        return Console(found.files, fault: found.fault, metrics)
    }

    /// Beside what is served: a log that is away must not keep a stop from being taken.
    private func makeTopics() async throws {
        do {
            try await house.patiently(for: Self.name, part: Self.topicsPart) { try await house.makeTopics() }
        } catch {
            guard Task.isCancelled else { throw error }
            return
        }
        if house.board.parts(of: Self.name)[Self.topicsPart] != nil {
            house.board.set(Self.name, part: Self.topicsPart, .disabled, "made")
        }
    }

    private static let topicsPart = "topics"

    /// A second house on this machine gets a port of its own, unless somebody named one.
    private func listening(
        _ answer: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    ) throws(HTTPServerError) -> HTTPServer {
        do throws(HTTPServerError) { return try HTTPServer(settings.server, words: words, handler: answer) } catch {
            guard case .notListening(_, let port) = error, settings.isPortFree else { throw error }
            house.logbook.warning("api_port_taken", ["port": .integer(Int(port))])
            var other = settings.server
            other.port = 0
            return try HTTPServer(other, words: words, handler: answer)
        }
    }

    private func table(
        _ sight: ControlSight, _ pulse: APIPulse, _ intake: IntakeDesk, _ stream: Operation, _ metrics: APIMetrics,
        _ watch: StatusWatch, _ reads: ReadDesk, _ safety: SafetySight
    ) -> RouteTable {
        var operations =
            StatusOperations.all(house, pulse, sight, watch) + ReadOperations.all(reads)
            + SeriesOperations.all(reads, house.time)
            + SystemOperations.all(house, watch) + TradingOperations.all(reads)
            + IntakeOperations.all(intake, reads)
        let desk = OperatorDesk(house: house)
        operations += ControlOperations.all(desk, sight, reads) + JudgementOperations.all(desk, reads)
        operations += QuarantineOperations.all(desk, database, reads) + DiscrepancyOperations.all(desk, reads)
        operations += BacktestOperations.all(desk, reads)
        operations += CanaryOperations.all(desk, canary)
        operations += ExplainOperations.all(explaining) + ActivityOperations.all(reads)
        operations += ProjectionOperations.all(house, database)
        operations += SafetyOperations.all(safety) + SimulatorOperations.all(desk, simulator)
        operations.append(stream)
        operations.append(DocumentOperation.made(of: operations))
        let logbook = house.logbook
        return RouteTable(
            operations, Gatekeeper(settings.tokens, house.time), metrics, spans: ServerSpans(house.tracing, house.time)
        ) {
            operation, error in
            logbook.warning("api_failure", ["operation": .text(operation.id), "why": .failure(error)])
        }
    }

    private var words: HTTPServerWords {
        let logbook = house.logbook
        return HTTPServerWords(
            refusing: { Problem($0).response },
            log: { entry in
                logbook.info(
                    "http_request",
                    [
                        "method": .text(entry.method), "path": .text(entry.path), "caller": .text(entry.caller ?? ""),
                        "status": .integer(entry.status),
                        "bytes": .integer(entry.bodyBytes ?? -1), "complete": .flag(entry.isComplete),
                        "us": .integer(Int(entry.duration / .microseconds(1))),
                    ])
            })
    }
}
