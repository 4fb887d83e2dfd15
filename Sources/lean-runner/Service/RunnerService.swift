import HTTPServer

/// The whole service: its parts, their routes, and the server in front of them.
struct RunnerService: Sendable {
    let port: UInt16
    private let server: HTTPServer

    static func start(_ house: RunnerHouse) async throws -> RunnerService {
        var routes = RunnerRoutes(house)
        ObservabilityRoutes(house).add(to: &routes)
        BacktestRoutes(house).add(to: &routes)
        ShadowRoutes(house).add(to: &routes)
        let limits = house.settings.limits
        let assembled = routes
        let server = try HTTPServer(
            HTTPServerSettings(
                host: house.settings.host, port: house.settings.port, maximumBodyBytes: limits.maximumBodyBytes,
                maximumConnections: limits.maximumConnections, drainLimit: limits.drain)
        ) { await assembled.answer($0) }
        return RunnerService(port: server.port, server: server)
    }

    /// No new requests, those under way end within their limit.
    func stop() async { await server.stop() }
}
