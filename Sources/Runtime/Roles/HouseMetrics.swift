internal import API
internal import Commands
internal import Projections
internal import Telemetry

/// Everything that a process of ours measures, declared when it starts: a scrape names what there is to see, also before
/// there is anything to see of it.
enum HouseMetrics {
    static func declare(in registry: Registry) {
        _ = TelemetryMetrics(in: registry)
        _ = ProcessMetrics(in: registry)
        _ = TracingMetrics(in: registry)
        _ = ControlPlaneMetrics(in: registry)
        _ = RoleMetrics(in: registry)
        _ = CertificateMetrics(in: registry)
        _ = MarketMetrics(in: registry)
        _ = SystemMetrics(in: registry)
        _ = LogMetrics(in: registry)
        _ = ClickHouseMetrics(in: registry)
        _ = APIMetrics(in: registry)
        _ = ProjectionsMetrics(in: registry)
        _ = CommandsMetrics(in: registry)
        _ = RouterMetrics(in: registry)
        _ = GatesMetrics(in: registry)
        _ = CanaryMetrics(in: registry)
        _ = FeedMetrics(in: registry)
        _ = ImportMetrics(in: registry)
        _ = PositionMetrics(in: registry)
        _ = QuotesMetrics(in: registry)
        _ = StreamMetrics(in: registry)
        _ = ReconcileMetrics(in: registry)
        _ = LaneMetrics(in: registry)
        _ = BacktestMetrics(in: registry)
        _ = ShadowMetrics(in: registry)
        _ = StrategyShadowMetrics(in: registry)
    }
}
