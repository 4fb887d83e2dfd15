internal import Core
internal import Domain
internal import Ingest
internal import Telemetry

/// What the reconciler measures of itself, and of what does not fit.
struct ReconcileMetrics {
    private let updates: Counter
    private let rounds: Family<Counter>
    private let reads: Family<Counter>
    private let failures: Family<Counter>
    private let found: Family<Counter>
    private let open: Family<Gauge>
    private let oldest: Family<Gauge>
    private let lag: Gauge
    private let budget: Gauge
    private let postponed: Gauge
    private let took: Histogram
    private let control: ControlPlaneMetrics

    init(in registry: Registry) {
        updates = registry.counter(
            "torghut_trading_reconcile_updates_total", "Orders of which a read said something new.")
        rounds = registry.counters("torghut_reconcile_rounds_total", "Rounds by how they went.", by: ["outcome"])
        reads = registry.counters(
            "torghut_reconcile_reads_total", "Questions to the broker, by way and by what came of them.",
            by: ["adapter", "question", "verdict"])
        failures = registry.counters(
            "torghut_reconcile_read_failures_total", "Questions without an answer, by way and by why.",
            by: ["adapter", "taxonomy"])
        found = registry.counters(
            "torghut_discrepancies_found_total", "Discrepancies that were opened.", by: ["kind"])
        open = registry.gauges("torghut_discrepancies_open", "Discrepancies that are open.", by: ["kind"])
        oldest = registry.gauges(
            "torghut_discrepancies_oldest_seconds", "How long the oldest open one is open.", by: ["kind"])
        lag = registry.gauge("torghut_reconcile_lag_seconds", "How long ago the last round ended.")
        budget = registry.gauge("torghut_reconcile_budget_left", "Questions that may be asked at once.")
        postponed = registry.gauge(
            "torghut_reconcile_postponed_orders", "Orders that the last round did not come to ask for.")
        control = ControlPlaneMetrics(in: registry)
        took = registry.histogram(
            "torghut_reconcile_round_seconds", "How long a round took.", bounds: Histogram.latencies)
        for kind in DiscrepancyKind.allCases {
            open.labelled(kind.rawValue).set(0)
            oldest.labelled(kind.rawValue).set(0)
        }
    }

    func count(_ read: BrokerRead) {
        reads.labelled(read.adapter.rawValue, read.question.rawValue, read.verdict.rawValue).increment()
        if let failure = read.failure { failures.labelled(read.adapter.rawValue, failure.rawValue).increment() }
    }

    func count(_ round: RoundReport) {
        updates.increment(by: UInt64(round.updates))
        rounds.labelled(round.isWhole ? "whole" : "partial").increment()
        for difference in round.findings.opened { found.labelled(difference.kind.rawValue).increment() }
        budget.set(round.budgetLeft)
        postponed.set(round.postponed)
        took.observe(round.took)
        control.turned(.reconciler, round.took)
        control.ended("reconcile", round.isWhole ? "whole" : "partial")
        control.refused(.reconcileBudget, round.postponed)
    }

    func tell(_ rows: [OpenDiscrepancy], finishedAt: Timestamp?, at now: Timestamp) {
        lag.set(finishedAt.map { max(0, now.since($0) / .seconds(1)) } ?? 0)
        let byKind = Dictionary(grouping: rows, by: \.kind)
        for kind in DiscrepancyKind.allCases {
            let rows = byKind[kind] ?? []
            open.labelled(kind.rawValue).set(rows.count)
            let since = rows.map(\.openedAt).min()
            oldest.labelled(kind.rawValue).set(since.map { max(0, now.since($0) / .seconds(1)) } ?? 0)
        }
    }
}
