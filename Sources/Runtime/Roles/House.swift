public import Core
internal import Domain
internal import Glibc
public import Telemetry

/// What the roles of one process share.
public struct House: Sendable {
    public let settings: Settings
    public let log: any EventLog
    public let logbook: Logbook
    public let registry: Registry
    public let board: RoleBoard
    /// Rung when somebody engages the kill switch by the control port.
    public let stopBell: StopBell
    public let time: any TimeSource
    /// How the log takes what this process appends.
    public let appends: AppendWatch
    /// Names this process wherever it owns something: host, process and when it started.
    public let process: String

    public init(
        settings: Settings, log: any EventLog, logbook: Logbook, registry: Registry, time: any TimeSource
    ) {
        self.settings = settings
        self.log = log
        self.logbook = logbook
        self.registry = registry
        self.time = time
        stopBell = StopBell()
        appends = AppendWatch()
        board = RoleBoard(logbook, registry, time)
        process = "\(Self.host)/\(getpid())@\(time.now())"
    }

    private init(_ house: House, log: any EventLog) {
        settings = house.settings
        self.log = log
        logbook = house.logbook
        registry = house.registry
        board = house.board
        stopBell = house.stopBell
        time = house.time
        appends = house.appends
        process = house.process
    }

    /// The same house, for one role: how far that role reads is seen.
    func house(for role: RoleName) -> House {
        House(self, log: WatchedLog(log: log, reach: board.reach(of: role), time: time))
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
