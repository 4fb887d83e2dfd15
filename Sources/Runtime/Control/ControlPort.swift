internal import Commands
internal import Core
public import Domain
internal import Glibc
internal import HTTPServer
internal import JSON
internal import Telemetry

/// The small port of a running process, on this machine only unless somebody says otherwise: its metrics, its health, and
/// a word to look at the stop.
public final class ControlPort: Sendable {
    private let server: HTTPServer
    private let card: ProcessCard
    private let pulse = ProcessPulse()

    /// Listens at once, and leaves a file in the data folder that says where.
    public init(_ house: House, roles: [RoleName], host: String, port: UInt16) throws {
        let desk = PortDesk(house, roles, pulse)
        var routes = HTTPRoutes()
        routes.on("GET", "/metrics") { request, _ in desk.metrics(request) }
        routes.on("GET", "/healthz") { _, _ in desk.health() }
        routes.on("GET", "/livez") { _, _ in desk.liveness() }
        routes.on("GET", "/readyz") { _, _ in desk.health() }
        routes.on("GET", "/startupz") { _, _ in desk.startup() }
        routes.on("POST", "/control/kill") { request, _ in await desk.kill(request) }
        server = try HTTPServer(HTTPServerSettings(host: host, port: port, maximumBodyBytes: 1 << 10), routes: routes)
        card = try ProcessCard(
            RunningProcess(process: house.process, pid: getpid(), port: server.port, roles: roles.map(\.rawValue)),
            in: house.settings.dataFolder)
    }

    public var port: UInt16 { server.port }

    /// Turns until cancelled: what `/livez` tells the age of.
    public func turn() async { await pulse.run() }

    public func stop() async { await server.stop() }
}

/// What the port answers.
struct PortDesk: Sendable {
    let house: House
    let roles: [RoleName]
    let pulse: ProcessPulse
    private let stop: @Sendable () -> LocalStop

    init(_ house: House, _ roles: [RoleName], _ pulse: ProcessPulse) {
        self.house = house
        self.roles = roles
        self.pulse = pulse
        stop = KillLatch(dataFolder: house.settings.dataFolder)
            .reading(environment: house.settings.policy.policy.killSwitchInEnvironment)
    }

    /// Names that it does not know change nothing: a scraper is told what there is.
    func metrics(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let names = request.query(MetricNames.parameter).flatMap(MetricNames.init) ?? .base
        return HTTPServerResponse(
            status: 200, headers: [("Content-Type", Registry.contentType)],
            body: .bytes(house.registry.renderBytes(names)))
    }

    /// Green only when every role of this process works, or stands by for one that does.
    func health() -> HTTPServerResponse {
        var json = JSONWriter()
        var isHealthy = true
        json.object { json in
            json.key("process")
            json.string(house.process)
            json.key("roles")
            json.array { json in
                for role in roles {
                    let standing = house.board[role]
                    isHealthy = isHealthy && (standing.state == .running || standing.state == .follower)
                    json.object { json in
                        json.key("role")
                        json.string(role.rawValue)
                        json.key("state")
                        json.string(standing.state.rawValue)
                        json.key("detail")
                        json.string(standing.detail)
                        json.key("last_progress")
                        if let progress = standing.lastProgress { json.string("\(progress)") } else { json.null() }
                    }
                }
            }
            json.key("healthy")
            json.bool(isHealthy)
        }
        return .json(json.finish(), status: isHealthy ? 200 : 503)
    }

    /// Looks at the stop now, and answers when those who send have.
    func kill(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        if let token = house.settings.controlToken {
            let shown = request.header("Authorization") ?? ""
            guard Self.equal(Array(shown.utf8), Array("Bearer \(token.reveal())".utf8)) else {
                return .json(Array("{\"error\":\"the token is missing or wrong\"}".utf8), status: 401)
            }
        }
        let local = stop()
        let answers = await house.stopBell.ring()
        house.logbook.warning(
            "stop_bell", ["engaged": .text("\(local.isEngaged)"), "senders": .integer(answers.count)])
        return .json(Self.text(house.process, local, answers))
    }

    private static func text(_ process: String, _ local: LocalStop, _ answers: [StopAnswer?]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("process")
            json.string(process)
            json.key("engaged")
            json.bool(local.isEngaged)
            json.key("stopped")
            json.bool(local.isEngaged && answers.allSatisfy { $0?.hasStopped ?? false })
            json.key("roles")
            json.array { json in
                for answer in answers.compactMap({ $0 }) {
                    json.object { json in
                        json.key("role")
                        json.string(answer.role.rawValue)
                        json.key("stopped")
                        json.bool(answer.hasStopped)
                        json.key("last_sent_at")
                        if let sent = answer.lastSentAt { json.string("\(sent)") } else { json.null() }
                        json.key("open_orders")
                        json.integer(answer.openOrders)
                    }
                }
            }
        }
        return json.finish()
    }

    /// Takes as long for a near miss as for any other.
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference = left.count ^ right.count
        for index in right.indices { difference |= Int((index < left.count ? left[index] : 0) ^ right[index]) }
        return difference == 0
    }
}
