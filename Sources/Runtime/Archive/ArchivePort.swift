public import Core
internal import Glibc
internal import HTTPServer
internal import Telemetry

/// What a following archiver tells of itself over HTTP: figures alone, on this machine unless somebody says otherwise.
public final class ArchivePort: Sendable {
    let registry: Registry
    private let server: HTTPServer
    private let time: any TimeSource
    private let endedAt: Gauge
    private let interval: Gauge
    private let failing: Gauge
    private let records: Counter
    private let lost: Counter

    /// `archive` is its folder, `kafka` what it was told of the log's brokers.
    public init(
        host: String, port: UInt16, archive: String, kafka: [String: String], time: any TimeSource
    ) throws {
        let registry = Registry()
        self.registry = registry
        _ = ProcessMetrics(in: registry)
        CertificateMetrics(in: registry).showClient(of: kafka)
        endedAt = registry.gauge(
            "torghut_archive_last_round_timestamp_seconds",
            "When the last round ended that archived every topic; before that when the archive last grew, 0 for a new one."
        )
        interval = registry.gauge("torghut_archive_round_interval_seconds", "Time between two rounds.")
        failing = registry.gauge(
            "torghut_archive_failing_topics", "Topics that the last round could not archive; its log names them.")
        records = registry.counter("torghut_archive_records_total", "Records that were archived.")
        lost = registry.counter(
            "torghut_archive_lost_records_total", "Offsets that retention removed before they were archived.")
        self.time = time
        var routes = HTTPRoutes()
        routes.on("GET", "/metrics") { _, _ in
            HTTPServerResponse(
                status: 200, headers: [("Content-Type", Registry.contentType)], body: .bytes(registry.renderBytes()))
        }
        server = try HTTPServer(HTTPServerSettings(host: host, port: port, maximumBodyBytes: 1 << 10), routes: routes)
        // Whoever ends and begins again and again has not archived meanwhile.
        var manifest = stat()
        if unsafe stat("\(archive)/manifest.json", &manifest) == 0 { endedAt.set(Double(manifest.st_mtim.tv_sec)) }
    }

    public var port: UInt16 { server.port }

    public func ended(records archived: Int64, lost offsets: Int64, failing topics: Int) {
        records.increment(by: UInt64(clamping: archived))
        lost.increment(by: UInt64(clamping: offsets))
        failing.set(Double(topics))
        if topics == 0 { endedAt.set(Double(time.now().nanoseconds) / 1e9) }
    }

    public func waits(_ time: Duration) { interval.set(time / .seconds(1)) }

    public func stop() async { await server.stop() }
}
