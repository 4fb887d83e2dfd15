internal import Domain
internal import Telemetry

/// What the canary's gate says of itself.
struct CanaryMetrics: Sendable {
    let breaches: Family<Counter>
    let observed: Family<Gauge>
    let limit: Family<Gauge>
    let sample: Family<Gauge>
    let verdict: Family<Gauge>
    let openIncidents: Family<Gauge>
    let rollbackSeconds: Gauge
    let rollbackWaiting: Gauge
    let clockAhead: Gauge

    init(in registry: Registry) {
        breaches = registry.counters(
            "torghut_trading_lean_canary_breach_total", "Incidents that the canary opened.", by: ["breach_type"])
        observed = registry.gauges(
            "torghut_trading_lean_canary_ratio", "What was measured when it was judged last, as it is limited.",
            by: ["breach_type"])
        limit = registry.gauges(
            "torghut_trading_lean_canary_limit", "What that is held against.", by: ["breach_type"])
        sample = registry.gauges(
            "torghut_trading_lean_canary_sample", "Of how many it was measured.", by: ["breach_type"])
        verdict = registry.gauges(
            "torghut_trading_lean_canary_verdict", "1 for what was said last.", by: ["breach_type", "verdict"])
        openIncidents = registry.gauges(
            "torghut_trading_lean_canary_incident_open", "1 while an incident of this cause is open.",
            by: ["breach_type"])
        rollbackSeconds = registry.gauge(
            "torghut_trading_lean_canary_rollback_seconds",
            "From the last fact behind the last hard rollback to the last confirmed cancellation.")
        rollbackWaiting = registry.gauge(
            "torghut_trading_lean_canary_rollback_waiting",
            "Orders by LEAN whose cancellation the last hard rollback still waits for.")
        clockAhead = registry.gauge(
            "torghut_trading_lean_canary_clock_ahead_seconds",
            "How far the furthest clock of a partition is ahead of the gate's; beyond 60 its records count for nothing."
        )
        // Zero would be a rollback that took no time.
        rollbackSeconds.set(.nan)
    }

    /// A limit that is not judged any more has no measure, no verdict and nothing that it is held against.
    func forget(_ breach: String) {
        for family in [observed, limit, sample] { family.remove(breach) }
        for word in Verdict.allCases { verdict.remove(breach, word.rawValue) }
    }

    /// Another process judges now, and says so itself.
    func forgetAll() {
        for family in [observed, limit, sample, verdict, openIncidents] { family.removeAll() }
        rollbackSeconds.set(.nan)
        rollbackWaiting.set(0)
    }
}
