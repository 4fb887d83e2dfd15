import Telemetry

/// All instruments of the runner.
struct RunnerMetrics: Sendable {
    let requests: Family<Counter>
    let failures: Family<Counter>
    let latency: Family<Histogram>
    let keys: Gauge
    let certificate: Family<Gauge>
    let inFlight: Gauge
    let unresolved: Gauge
    let ledgerFailures: Counter
    let brokerCalls: Family<Counter>
    let resolved: Family<Counter>
    let appeared: Counter

    init(_ registry: Registry) {
        requests = registry.counters(
            "torghut_lean_runner_requests_total", "Requests that were answered.", by: ["operation"])
        failures = registry.counters(
            "torghut_lean_runner_failures_total", "Answers that told a failure or a refusal, by their taxonomy.",
            by: ["operation", "taxonomy"])
        latency = registry.histograms(
            "torghut_lean_runner_latency_seconds", "From a request's last byte to its answer.", by: ["operation"])
        keys = registry.gauge("torghut_lean_runner_ledger_keys", "Idempotency keys that the ledger remembers.")
        certificate = registry.gauges(
            "torghut_certificate_expires_timestamp_seconds", "When a certificate ends that this process shows.",
            by: ["use"])
        inFlight = registry.gauge(
            "torghut_lean_runner_in_flight_keys", "Keys with a request that is on its way to the broker.")
        unresolved = registry.gauge(
            "torghut_lean_runner_unresolved_orders", "Orders that were sent, of which nothing is proved yet.")
        ledgerFailures = registry.counter(
            "torghut_lean_runner_ledger_failures_total", "Records that the ledger's journal did not take.")
        brokerCalls = registry.counters(
            "torghut_lean_runner_broker_calls_total", "Submits and replaces by what became of them.", by: ["verdict"])
        resolved = registry.counters(
            "torghut_lean_runner_resolved_total", "Unresolved orders by what a look-up at the broker proved.",
            by: ["outcome"])
        appeared = registry.counter(
            "torghut_lean_runner_appeared_total", "Orders that the broker showed after their absence was proved.")
    }
}
