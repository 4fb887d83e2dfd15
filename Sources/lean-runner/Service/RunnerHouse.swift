import Core
import Journal
import Telemetry

/// What all routes of the runner work with.
struct RunnerHouse: Sendable {
    let settings: RunnerSettings
    let time: any TimeSource
    let registry: Registry
    let metrics: RunnerMetrics
    let observations: Observations
    let logbook: Logbook
    /// The runner's own journal, in its own folder; each part has a topic of its own on it.
    let journal: Journal
    let token: BearerToken
    let tracing: Tracing

    init(
        _ settings: RunnerSettings, journal: Journal, time: any TimeSource, registry: Registry, logbook: Logbook,
        tracing: Tracing = .off
    ) {
        self.settings = settings
        self.journal = journal
        self.time = time
        self.registry = registry
        self.logbook = logbook
        self.tracing = tracing
        _ = ProcessMetrics(in: registry)
        _ = TracingMetrics(in: registry)
        metrics = RunnerMetrics(registry)
        observations = Observations(metrics)
        token = BearerToken(settings.token)
    }
}
