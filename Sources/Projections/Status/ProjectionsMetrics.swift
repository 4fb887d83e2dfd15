public import Telemetry

/// What the projections measure of themselves.
public struct ProjectionsMetrics: Sendable {
    /// By projection and partition.
    public let folded: Family<Counter>
    public let rows: Family<Counter>
    public let commits: Family<Counter>
    public let batchRecords: Histogram
    public let lag: Family<Gauge>
    public let oldest: Family<Gauge>
    public let parked: Family<Gauge>
    public let deferred: Family<Gauge>
    public let epoch: Family<Gauge>
    public let rootChecks: Family<Counter>
    public let evictions: Counter
    public let retries: Counter
    public let announced: Counter
    public let announcementsFailed: Counter

    public init(in registry: Registry) {
        let unit = ["projection", "partition"]
        folded = registry.counters(
            "torghut_projection_events_total", "Records of the log that were folded and committed.", by: unit)
        rows = registry.counters("torghut_projection_rows_total", "Rows that were written.", by: unit)
        commits = registry.counters("torghut_projection_commits_total", "Checkpoints that were moved.", by: unit)
        batchRecords = registry.histogram(
            "torghut_projection_batch_events", "Records in one commit of one partition.", bounds: Histogram.sizes)
        lag = registry.gauges(
            "torghut_projection_lag_events", "Records in the log that are not folded yet.", by: unit)
        oldest = registry.gauges(
            "torghut_projection_oldest_unfolded_seconds", "Age of the oldest record that is not folded yet.", by: unit)
        parked = registry.gauges("torghut_projection_parked_keys", "Keys that wait for an operator.", by: unit)
        deferred = registry.gauges(
            "torghut_projection_deferred_events", "Records that wait behind a parked one.", by: unit)
        epoch = registry.gauges("torghut_projection_epoch", "How often the partition was taken over.", by: unit)
        rootChecks = registry.counters(
            "torghut_projection_root_checks_total",
            "Looks at whether the stored root is the one that was committed there; any other outcome than same is an incident.",
            by: ["projection", "outcome"])
        evictions = registry.counter(
            "torghut_projection_evictions_total", "How often this process lost its partitions to another owner.")
        retries = registry.counter(
            "torghut_projection_retries_total", "How often the log or the database was away and was tried again.")
        announced = registry.counter(
            "torghut_projection_parked_announced_total", "Parked records that were told on the log.")
        announcementsFailed = registry.counter(
            "torghut_projection_parked_announcements_failed_total",
            "Parked records that could not be told on the log; the next owner tries again.")
    }
}
