internal import Adapters
internal import Core
internal import Domain
public import Telemetry

/// What the router measures of itself.
///
/// Names and labels of the counters are the original's. They count events, each once, when it is durable.
public struct RouterMetrics: Sendable {
    /// From five milliseconds to ten seconds.
    public static let latencyBuckets = Histogram.turns

    let requests: Family<Counter>
    let fallbacks: Family<Counter>
    let fallbackReasons: Family<Counter>
    let leanRequests: Family<Counter>
    let leanLatency: Family<Histogram>
    let leanFailures: Family<Counter>
    let inDoubt: Family<Gauge>
    let overdue: Family<Gauge>
    let open: Family<Gauge>
    let epoch: Family<Gauge>
    let heldBack: Family<Counter>
    let lateSends: Family<Counter>
    let unwrittenCancels: Family<Counter>
    let fenced: Counter
    let restarts: Counter
    let unread: Counter
    let appendEvents: Histogram
    private let control: ControlPlaneMetrics

    public init(in registry: Registry) {
        control = ControlPlaneMetrics(in: registry)
        requests = registry.counters(
            "execution_requests_total", "Attempts that were prepared, by adapter.", by: ["adapter"])
        fallbacks = registry.counters(
            "execution_fallback_total", "Fallbacks that were decided.", by: ["from", "to"])
        fallbackReasons = registry.counters(
            "execution_fallback_reason_total", "Fallbacks that were decided, by reason.", by: ["reason"])
        leanRequests = registry.counters(
            "torghut_trading_lean_request_total", "What was asked of LEAN.", by: ["operation"])
        leanLatency = registry.histograms(
            "torghut_trading_lean_latency_seconds", "How long LEAN took to answer.", by: ["operation"],
            bounds: Self.latencyBuckets,
            original: .milliseconds(
                "torghut_trading_lean_latency_ms", "How long LEAN took to answer, in milliseconds."))
        leanFailures = registry.counters(
            "torghut_trading_lean_failure_taxonomy_total", "Requests that LEAN did not do, by kind of failure.",
            by: ["operation", "taxonomy"])
        let partition = ["partition"]
        inDoubt = registry.gauges(
            "torghut_execution_in_doubt", "Attempts of which nothing proves what became of them.", by: partition)
        overdue = registry.gauges(
            "torghut_execution_hold_exceeded", "Intents that are held for longer than the limit.", by: partition)
        open = registry.gauges("torghut_execution_open_intents", "Intents that are not over.", by: partition)
        epoch = registry.gauges("torghut_router_epoch", "How often the partition changed its owner.", by: partition)
        heldBack = registry.counters(
            "torghut_router_held_back_total", "Attempts that the last look before the first byte stopped.",
            by: ["reason"])
        lateSends = registry.counters(
            "torghut_router_late_sends_refused_total",
            "Submits that the receiver refused because the sender was replaced or the order was there already.",
            by: ["adapter"])
        unwrittenCancels = registry.counters(
            "torghut_router_unwritten_cancels_total",
            "Cancellations that left at a stop before they were written down, because nothing could be.",
            by: ["adapter"])
        fenced = registry.counter(
            "torghut_router_fenced_total", "How often a partition was lost to another owner.")
        restarts = registry.counter(
            "torghut_router_restarts_total", "How often a partition's state was thrown away and folded again.")
        unread = registry.counter(
            "torghut_router_unread_records_total", "Records that are no events of ours, or lie on a wrong partition.")
        appendEvents = registry.histogram(
            "torghut_router_append_events", "Events in one append.", bounds: Histogram.sizes)
    }

    /// Adds what events added up to.
    func add(_ counts: RouteCounts) {
        for (key, count) in counts.counts {
            switch key.counter {
            case .requests: requests.labelled(key.first).increment(by: count)
            case .fallbacks: fallbacks.labelled(key.first, key.second).increment(by: count)
            case .fallbackReasons: fallbackReasons.labelled(key.first).increment(by: count)
            case .leanRequests: leanRequests.labelled(key.first).increment(by: count)
            case .leanFailures: leanFailures.labelled(key.first, key.second).increment(by: count)
            }
        }
        guard counts.latencyBuckets.contains(where: { $0 > 0 }) else { return }
        leanLatency.labelled(RouteCounts.LeanOperation.submitOrder.rawValue)
            .add(counts.latencyBuckets, sum: Double(counts.latencyMicroseconds) / 1e6)
    }

    func appended(_ events: Int, _ took: Duration) {
        appendEvents.observe(Double(events))
        control.turned(.router, took)
    }

    /// Counts the answers that asked for less.
    func limited(_ adapter: Adapter, _ call: CallRecord) {
        let refused = call.tries - (call.reply.httpStatus == 429 ? 0 : 1)
        control.refused(adapter == .lean ? .lean : .alpaca, max(0, refused))
    }

    func forget(_ partition: Int32) {
        for family in [inDoubt, overdue, open, epoch] { family.remove("\(partition)") }
    }
}
