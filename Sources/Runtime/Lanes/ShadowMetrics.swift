internal import Core
internal import Domain
internal import Synchronization
internal import Telemetry

/// Counters that follow a fold of the log: after a restart they go on where they were, because the log did not forget.
final class FoldedCounters: Sendable {
    private let counters: Family<Counter>
    private let shown = Mutex<[String: Int64]>([:])

    init(_ counters: Family<Counter>) { self.counters = counters }

    func show(_ counts: [ShadowTally.Count]) {
        shown.withLock { shown in
            for count in counts {
                let more = count.total - (shown[count.name.text] ?? 0)
                guard more > 0 else { continue }
                counters.labelled(count.name.text).increment(by: UInt64(more))
                shown[count.name.text] = count.total
            }
        }
    }
}

/// What the shadow of live orders measures, under the original's names.
struct ShadowMetrics: Sendable {
    private let parity: FoldedCounters
    private let failures: FoldedCounters

    init(in registry: Registry) {
        parity = FoldedCounters(
            registry.counters(
                "torghut_trading_lean_shadow_parity_total", "Outcomes of the shadow lane, by status.", by: ["status"]))
        failures = FoldedCounters(
            registry.counters(
                "torghut_trading_lean_shadow_failure_total", "What was wrong with outcomes of the shadow lane.",
                by: ["taxonomy"]))
    }

    func show(_ book: ShadowBook) {
        parity.show(book.tally.statuses)
        failures.show(book.tally.failures)
    }
}

/// What the shadow of strategies measures, under the original's name.
struct StrategyShadowMetrics: Sendable {
    private let statuses: FoldedCounters

    init(in registry: Registry) {
        statuses = FoldedCounters(
            registry.counters(
                "torghut_trading_lean_strategy_shadow_total", "Evaluations of strategies' intents, by status.",
                by: ["status"]))
    }

    func show(_ book: PromotionBook) { statuses.show(book.statuses) }
}
