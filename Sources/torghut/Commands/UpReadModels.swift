import Core
import Domain
import Postgres
import Projections
import Runtime
import Telemetry
import Threading
import Wire

/// The read models beside a log that `up` opened: a database, the projections role, and how they fill.
struct UpReadModels: Sendable {
    static let every: Duration = .seconds(1)

    private let house: House
    private let role: any Role
    private let server: HousePostgres?

    /// With `TORGHUT_DB_DSN` in that database, else in one of our own; `nil`, and told, when neither can be had.
    init?(_ invocation: Invocation, _ log: any EventLog) throws {
        var settings = try invocation.settings()
        var server: HousePostgres?
        if !Settings.processEnvironment().keys.contains(where: PostgresSettings.variables.contains) {
            do {
                let script = try settings.installedFiles.path(of: InstalledFiles.privatePostgres)
                let started = try HousePostgres(under: settings.dataFolder, script)
                settings = try invocation.settings(adding: [PostgresSettings.variables[0]: started.address])
                server = started
                StandardError.line("the read models are in Postgres: psql \"\(started.address)\"")
            } catch {
                let why = (error as? SettingsProblems)?.problems.joined(separator: "\n") ?? "\(error)"
                StandardError.line("no read models: \(why)")
                return nil
            }
        }
        self.server = server
        house = Run.house(settings, log)
        do throws(SettingsProblems) {
            guard let role = try RoleCatalog.roles([RoleName.projections.rawValue], in: house).first else { return nil }
            self.role = role
        } catch { throw UsageError(problems: error.problems) }
    }

    func run() async throws { try await RoleRun([role], in: house).run() }

    func stop() throws { try server?.stop() }

    /// Says which tables were written, as they are.
    func tell() async throws {
        let metrics = ProjectionsMetrics(in: house.registry)
        var seen: [String: UInt64] = [:]
        while true {
            var changes: [String] = []
            for type in ReadModels.all {
                let name = type.name.text
                let rows = (0..<type.ownership.spec.partitions).reduce(0) {
                    $0 + metrics.rows.labelled(name, "\($1)").value
                }
                if rows > seen[name] ?? 0 { changes.append("\(name) +\(rows - (seen[name] ?? 0))") }
                seen[name] = rows
            }
            if !changes.isEmpty { StandardError.line("rows written: \(changes.joined(separator: ", "))") }
            try await Task.sleep(for: Self.every)
        }
    }

    /// A line for `log append` that makes a row.
    static func example() throws -> String {
        let now = SystemTime().now()
        let id = EventMint.eventID(.outside(source: "torghut up", key: "\(now.nanoseconds)"))
        let strategy = try StrategyID("demo")
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, source: try SourceName("example"),
            correlation: StoryID(high: id.high, low: id.low))
        let order = ControlOrder(
            scope: .strategy(strategy), actor: try ActorName("me"), reason: try Prose("a first look"))
        var encoder = EventEncoder()
        let event = Event(envelope, .control(.strategyDisabled(StrategyDisabled(order: order, strategyID: strategy))))
        let value = String(decoding: encoder.encode(event), as: UTF8.self)
        return "{\"key\":\"strategy:demo\",\"value\":\(value)}"
    }
}
