public import Core
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
    public let stopBell = StopBell()
    public let time: any TimeSource
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
        board = RoleBoard(logbook, registry, time)
        process = "\(Self.host)/\(getpid())@\(time.now())"
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
