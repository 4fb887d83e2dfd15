internal import Telemetry

/// What the gates say of themselves.
struct GatesMetrics: Sendable {
    let breaker: Family<Gauge>
    let health: Family<Gauge>
    let verdicts: Family<Counter>
    let questions: Family<Counter>
    let engaged: Gauge
    let stopSeconds: Family<Gauge>

    init(in registry: Registry) {
        breaker = registry.gauges(
            "torghut_trading_breaker_state", "1 for the state an adapter's breaker is in.", by: ["adapter", "state"])
        health = registry.gauges(
            "torghut_trading_adapter_healthy", "1 when the adapter answered well the last time it was asked.",
            by: ["adapter"])
        verdicts = registry.counters(
            "torghut_trading_breaker_verdicts_total", "Verdicts that changed a breaker.", by: ["adapter", "state"])
        questions = registry.counters(
            "torghut_trading_health_questions_total", "How adapters answered when they were asked.",
            by: ["adapter", "health"])
        engaged = registry.gauge(
            "torghut_trading_kill_switch_engaged", "1 while the log says that the kill switch is engaged.")
        stopSeconds = registry.gauges(
            "torghut_trading_kill_stop_seconds",
            "From the last trigger to the last submit that a router sent after it.",
            by: ["process"])
    }

    /// Another process judges now, and says so itself.
    func forget() { for family in [breaker, health, stopSeconds] { family.removeAll() } }
}
