internal import Glibc
internal import Kafka
internal import OTLP
public import Postgres

/// Where the log is.
public enum LogAddress: Sendable, Hashable, CustomStringConvertible {
    case journal(String)
    case kafka(String)
    case archive(String)

    public var description: String {
        switch self {
        case .journal(let folder): "journal:\(folder)"
        case .kafka(let servers): "kafka:\(servers)"
        case .archive(let folder): "archive:\(folder)"
        }
    }

    /// How spans call the engine.
    var messagingSystem: String {
        if case .kafka = self { "kafka" } else { "torghut_journal" }
    }
}

/// Everything that is wrong with the settings, named at once: who mends one should not meet the next.
public struct SettingsProblems: Error, Sendable {
    public let problems: [String]
}

/// What the program was told by its environment and its command line.
public struct Settings: Sendable {
    public static let defaultDataFolder = ".torghut"

    public let dataFolder: String
    public let log: LogAddress
    /// The identity of a log on Kafka, which has none of its own: archives tell logs apart by it.
    public let logID: String?
    /// Properties of librdkafka, as they were given; a wrong name is refused by librdkafka itself, at start.
    public let kafkaProperties: [String: String]
    /// When the market is open.
    let calendar: MarketCalendar
    let environment: [String: String]

    /// Reads `--log` and `--data` (which go before `TORGHUT_LOG` and `TORGHUT_DATA_DIR`) and the environment.
    public init(
        log given: String?, data: String? = nil, environment: [String: String]
    ) throws(SettingsProblems) {
        var problems: [String] = []
        self.environment = environment
        dataFolder = data ?? environment["TORGHUT_DATA_DIR"] ?? Self.defaultDataFolder
        if dataFolder.isEmpty {
            let source = data == nil ? "TORGHUT_DATA_DIR" : "--data"
            problems.append("\(source) is empty; name a folder, or leave it out")
        }
        let source = given == nil ? "TORGHUT_LOG" : "--log"
        let address = given ?? environment["TORGHUT_LOG"] ?? "journal:\(dataFolder)/journal"
        let parsed = Self.address(address, from: source, &problems)
        kafkaProperties = Self.properties(environment["TORGHUT_KAFKA_PROPS"] ?? "", &problems)
        let closed = environment["TORGHUT_MARKET_CLOSED_DAYS"] ?? ""
        calendar = MarketCalendar(closedDays: closed.isEmpty ? [] : Self.closedDays(closed, &problems))
        guard problems.isEmpty, let parsed else { throw SettingsProblems(problems: problems) }
        log = parsed
        logID = environment["TORGHUT_LOG_ID"]
    }

    /// Folder of the default journal, its socket and what else a process keeps.
    public var defaultJournal: String { "\(dataFolder)/journal" }

    /// The database of the read models.
    public func database() throws(SettingsProblems) -> PostgresSettings {
        do { return try PostgresSettings(environment: environment) } catch {
            throw SettingsProblems(problems: [error.message])
        }
    }

    /// Where the files are that come with the program.
    public var installedFiles: InstalledFiles { InstalledFiles(environment: environment) }

    private static func address(_ text: String, from source: String, _ problems: inout [String]) -> LogAddress? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else {
            problems.append("\(source) is journal:DIR, kafka:HOST:PORT[,…] or archive:DIR, not '\(text)'")
            return nil
        }
        switch parts[0] {
        case "journal": return .journal(parts[1])
        case "archive": return .archive(parts[1])
        case "kafka":
            for server in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                let port = server.split(separator: ":").last.flatMap { UInt16($0) }
                guard server.contains(":"), !server.hasPrefix(":"), (port ?? 0) > 0 else {
                    problems.append("\(source): '\(server)' is not HOST:PORT")
                    continue
                }
            }
            return .kafka(parts[1])
        default:
            problems.append("\(source) names the engine '\(parts[0])'; there are journal, kafka and archive")
            return nil
        }
    }

    /// `name=value;…`, or `@FILE` with one per line and `#` before remarks.
    private static func properties(_ given: String, _ problems: inout [String]) -> [String: String] {
        var text = given
        if given.hasPrefix("@") {
            let path = String(given.dropFirst())
            guard let content = contents(of: path) else {
                problems.append("TORGHUT_KAFKA_PROPS: cannot read \(path)")
                return [:]
            }
            // One line is a line too, also without its end.
            text = content + "\n"
        }
        do {
            return try KafkaSettings.properties(from: text)
        } catch {
            problems.append("TORGHUT_KAFKA_PROPS: \(error.text)")
            return [:]
        }
    }

    private static func contents(of path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe fread(&piece, 1, piece.count, file)
            if count == 0 { return unsafe ferror(file) == 0 ? String(validating: bytes, as: UTF8.self) : nil }
            bytes += piece[..<count]
        }
    }

    /// The variables of this process that are settings.
    public static func processEnvironment() -> [String: String] {
        var found: [String: String] = [:]
        let names = [
            "TORGHUT_LOG", "TORGHUT_LOG_ID", "TORGHUT_DATA_DIR", "TORGHUT_KAFKA_PROPS", InstalledFiles.variable,
        ]
        let others = Settings.ownNames + Settings.streamNames + TraceSettings.names + ClickHouseSettings.names
        for name in names + PostgresSettings.variables + others + DownstreamSettings.names {
            guard let value = unsafe getenv(name) else { continue }
            found[name] = unsafe String(cString: value)
        }
        return found.merging(tradingEnvironment()) { $1 }
    }
}
