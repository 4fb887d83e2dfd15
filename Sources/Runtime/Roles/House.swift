public import Core
internal import Domain
internal import Glibc
public import Telemetry

/// What the roles of one process share.
public struct House: Sendable {
    public let settings: Settings
    public let log: any EventLog
    /// For a reader that looks only when somebody asks: a role is not late where nobody asked it.
    let asked: any EventLog
    let certificates: CertificateMetrics
    public let logbook: Logbook
    public let registry: Registry
    public let board: RoleBoard
    /// Rung when somebody engages the kill switch by the control port.
    public let stopBell: StopBell
    public let time: any TimeSource
    /// How the log takes what this process appends.
    public let appends: AppendWatch
    public let tracing: Tracing
    /// Names this process wherever it owns something: host, process and when it started.
    public let process: String

    public init(
        settings: Settings, log: any EventLog, logbook: Logbook, registry: Registry, time: any TimeSource,
        tracing: Tracing = .off, process: String? = nil
    ) {
        self.settings = settings
        self.log = log
        asked = log
        self.logbook = logbook
        self.registry = registry
        self.time = time
        self.tracing = tracing
        stopBell = StopBell()
        appends = AppendWatch()
        board = RoleBoard(logbook, registry, time)
        self.process = process ?? Self.processName(at: time.now())
        certificates = CertificateMetrics(in: registry)
        certificates.showClient(of: settings.kafkaProperties)
        HouseMetrics.declare(in: registry)
        MarketMetrics(in: registry).follow(settings.calendar, time, in: registry)
    }

    /// Names this process, from now on.
    public static func processName(at now: Timestamp) -> String { "\(host)/\(getpid())@\(now)" }

    private init(_ house: House, log: any EventLog) {
        settings = house.settings
        self.log = log
        asked = house.asked
        certificates = house.certificates
        logbook = house.logbook
        registry = house.registry
        board = house.board
        stopBell = house.stopBell
        time = house.time
        appends = house.appends
        tracing = house.tracing
        process = house.process
    }

    /// The same house, for one role: how far that role reads is seen.
    func house(for role: RoleName) -> House {
        let guarded: any EventLog =
            if let access = RoleAccess(of: role) {
                AccessLog(log: log, guardian: AccessGuard(role, access, logbook))
            } else { log }
        let watched = WatchedLog(log: guarded, reach: board.reach(of: role), time: time)
        // The API tells itself what it takes in, and for whom; read models are nobody's cause.
        guard tracing.isOn, role != .api, role != .projections else { return House(self, log: watched) }
        let work = TracedWork(tracing, role, system: settings.log.messagingSystem, time)
        return House(self, log: TracedLog(log: watched, work: work))
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
