internal import Core
internal import Telemetry

/// Whether the market is open, for rules that mean something while it is: `hour()` knows no holiday and no summer.
struct MarketMetrics: Sendable {
    private let open: Gauge

    init(in registry: Registry) {
        open = registry.gauges(
            "torghut_market_session_open",
            "1 while the calendar's regular session is open; NaN where its rules say nothing.", by: ["calendar"]
        ).labelled("us_equity")
        open.set(.nan)
    }

    /// Looks at every scrape, by the clock of the house.
    func follow(_ calendar: MarketCalendar, _ time: any TimeSource, in registry: Registry) {
        registry.collect { [open] in
            open.set(calendar.isOpen(at: time.now()).map { $0 ? 1 : 0 } ?? .nan)
        }
    }
}
