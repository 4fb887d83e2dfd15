import HTTPServer
import Telemetry

/// The whole service: its parts, their routes, and the server in front of them.
final class RunnerService: Sendable {
    private let server: HTTPServer
    private let backtests: BacktestRoutes
    private let background: [Task<Void, Never>]

    var port: UInt16 { server.port }

    static func start(_ house: RunnerHouse) async throws -> RunnerService {
        let ledger = try await Ledger.open(house)
        let broker = Broker(house.settings.broker, time: house.time)
        let stop = StopSwitch(house.settings)
        let resolver = Resolver(house: house, ledger: ledger, broker: broker)
        let orders = OrderRoutes(
            once: OrderOnce(
                house: house, ledger: ledger, broker: broker, stop: stop, resolver: resolver,
                drill: Drill(step: house.settings.drill)),
            voids: VoidDesk(house: house, ledger: ledger, broker: broker, resolver: resolver),
            reads: OrderReads(broker: broker, time: house.time))
        var routes = RunnerRoutes(house)
        HealthRoutes(house: house, ledger: ledger, watch: BrokerWatch(broker, time: house.time), stop: stop)
            .add(to: &routes)
        ObservabilityRoutes(house).add(to: &routes)
        orders.add(to: &routes)
        let backtests = BacktestRoutes(house)
        backtests.add(to: &routes)
        ShadowRoutes(house).add(to: &routes)
        let assembled = routes
        let limits = house.settings.limits
        let server = try HTTPServer(
            HTTPServerSettings(
                host: house.settings.host, port: house.settings.port, maximumBodyBytes: limits.maximumBodyBytes,
                maximumConnections: limits.maximumConnections, drainLimit: limits.drain,
                identity: house.settings.identity)
        ) { await assembled.answer($0) }
        if let end = server.certificateEnd { house.metrics.certificate.labelled("runner").set(Double(end)) }
        let upkeep = LedgerUpkeep(house: house, ledger: ledger)
        return RunnerService(server, backtests, [Task { await resolver.run() }, Task { await upkeep.run() }])
    }

    private init(_ server: HTTPServer, _ backtests: BacktestRoutes, _ background: [Task<Void, Never>]) {
        self.server = server
        self.backtests = backtests
        self.background = background
    }

    /// No new requests; those under way end within their limit.
    func stop() async {
        await server.stop()
        await backtests.stop()
        for task in background { task.cancel() }
        for task in background { await task.value }
    }
}
