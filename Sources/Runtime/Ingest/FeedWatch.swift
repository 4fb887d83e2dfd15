internal import Core
internal import Domain
internal import Folding
internal import Ingest
internal import Telemetry

/// Hears what the order feed does: counts it under the original's names, writes it down, says how the role is.
final class FeedWatch: FeedObserver {
    private let house: House
    /// What the feed is called on the board of roles.
    private let part: String
    private let metrics: FeedMetrics

    init(_ house: House, part: String) {
        self.house = house
        self.part = part
        metrics = FeedMetrics(in: house.registry)
    }

    func committed(_ counts: FeedCounts, took: Duration) {
        metrics.count(counts, at: house.time.now())
        metrics.appends.observe(took)
        metrics.batches.observe(Double(counts.messages))
        ControlPlaneMetrics(in: house.registry).turned(.orderFeed, took)
        house.board.progressed(.ingest)
    }

    func noted(_ note: FeedNote) {
        switch note {
        case .ready(let records, let fromSnapshot, let took):
            house.logbook.info(
                "order_feed_ready",
                ["records": .integer(records), "snapshot": .flag(fromSnapshot), "took": .duration(took)])
            house.board.set(.ingest, part: part, .running)
        case .snapshotDiscarded(let why):
            house.logbook.warning("snapshot_discarded", ["why": .text(why.description)])
        case .snapshotSaved(let took): house.logbook.info("snapshot_saved", ["took": .duration(took)])
        case .snapshotFailed(let why): house.logbook.warning("snapshot_failed", ["why": .text(why.description)])
        case .parked(let position, let why):
            house.logbook.warning(
                "update_parked", ["record": .text(position.description), "why": .text(why)])
        case .unreadable(let unreadable):
            house.logbook.error(
                "record_unreadable",
                ["record": .text(unreadable.position.description), "why": .text(unreadable.why)])
        case .retrying(let error):
            house.board.failed(.ingest, error)
            metrics.errors.increment()
            house.logbook.warning("order_feed_retrying", ["why": .failure(error)])
            house.board.set(.ingest, part: part, .degraded, error.description)
        case .fenced: house.logbook.error("order_feed_fenced", [:])
        }
    }
}

/// What the feed measures of itself: the original's counters, and ours beside them.
struct FeedMetrics {
    private let messages: Counter
    private let persisted: Counter
    private let duplicates: Counter
    private let outOfOrder: Counter
    private let missingFields: Counter
    private let applied: Counter
    private let classes: Family<Counter>
    private let parked: Family<Counter>
    private let lag: Gauge
    let errors: Counter
    let appends: Histogram
    let batches: Histogram

    init(in registry: Registry) {
        func original(_ name: String, _ help: String) -> Counter {
            registry.counter("torghut_trading_order_feed_\(name)_total", help)
        }
        messages = original("messages", "Messages read from the trade-updates topics.")
        persisted = original("events_persisted", "Messages that became events: all that are readable.")
        duplicates = original("duplicates", "Messages of a broker event that was seen before.")
        outOfOrder = original("out_of_order", "Messages that were older than what was known.")
        missingFields = original("missing_fields", "Messages that are no update of an order; they were put aside.")
        applied = original("apply_updates", "Messages that moved an order.")
        errors = original("consumer_errors", "How often the log was away and was read again.")
        classes = registry.counters(
            "torghut_order_feed_updates_total", "Updates by what was made of them.", by: ["classification"])
        parked = registry.counters(
            "torghut_order_feed_parked_total", "Messages that were put aside, by reason.", by: ["reason"])
        lag = registry.gauge(
            "torghut_order_feed_lag_seconds", "How old the oldest update of the latest append was at its end.")
        appends = registry.histogram(
            "torghut_order_feed_append_seconds", "From reading updates to their durable events.",
            bounds: Histogram.latencies)
        batches = registry.histogram(
            "torghut_order_feed_batch_messages", "Messages that were classified by one append.",
            bounds: Histogram.sizes)
    }

    func count(_ counts: FeedCounts, at now: Timestamp) {
        messages.increment(by: UInt64(counts.messages))
        for (kind, count) in counts.byClass {
            classes.labelled(kind.rawValue).increment(by: UInt64(count))
            persisted.increment(by: UInt64(count))
        }
        duplicates.increment(by: UInt64(counts.byClass[.duplicate] ?? 0))
        outOfOrder.increment(by: UInt64(counts.byClass[.outOfOrder] ?? 0))
        applied.increment(by: UInt64(counts.byClass[.applied] ?? 0))
        for (reason, count) in counts.parked {
            parked.labelled(reason.rawValue).increment(by: UInt64(count))
            missingFields.increment(by: UInt64(count))
        }
        if let oldest = counts.oldest { lag.set(max(0, now.since(oldest) / .seconds(1))) }
    }
}
