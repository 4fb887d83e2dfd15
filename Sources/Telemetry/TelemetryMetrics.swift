/// What telemetry says of itself.
public struct TelemetryMetrics: Sendable {
    /// Log lines that could not be written whole.
    public let linesLost: Counter

    public init(in registry: Registry) {
        linesLost = registry.counter(
            "torghut_log_lines_lost_total", "Log lines that could not be written whole, for example to a full disk.")
    }
}
