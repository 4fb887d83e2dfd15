internal import Commands
internal import Core
internal import Domain
internal import Folding
internal import Synchronization
internal import Telemetry

/// Hears what the handler does: counts it, writes it down, says how the role is.
final class CommandsWatch: CommandObserver {
    /// What the state of the role is made of.
    private struct Standing {
        var isReady = false
        var isControlProved = true
        var hold: String?
    }

    private let house: House
    private let metrics: CommandsMetrics
    private let control: ControlPlaneMetrics
    private let standing = Mutex(Standing())

    init(_ house: House) {
        self.house = house
        metrics = CommandsMetrics(in: house.registry)
        control = ControlPlaneMetrics(in: house.registry)
    }

    func committed(_ batch: AnswerCounts, took: Duration) {
        for (outcome, count) in batch.byOutcome where count > 0 {
            metrics.decisions.labelled(outcome).increment(by: UInt64(count))
        }
        metrics.appends.observe(took)
        metrics.batches.observe(Double(batch.decisions + batch.parked))
        control.turned(.commands, took)
        for lag in batch.lags(at: house.time.now()) { metrics.lag.observe(lag) }
        house.board.progressed(.commands)
    }

    func noted(_ note: CommandNote) {
        switch note {
        case .ready(let records, let fromSnapshot, let took):
            house.logbook.info(
                "commands_ready",
                ["records": .integer(records), "snapshot": .flag(fromSnapshot), "took": .duration(took)])
            show { $0.isReady = true }
        case .control(let isProved):
            if isProved { house.board.progressed(.commands) }
            show { $0.isControlProved = isProved }
        case .snapshotDiscarded(let why):
            metrics.snapshots.labelled("discarded").increment()
            house.logbook.warning("snapshot_discarded", ["why": .text(why.description)])
        case .snapshotSaved(let took):
            metrics.snapshots.labelled("saved").increment()
            house.logbook.info("snapshot_saved", ["took": .duration(took)])
        case .snapshotFailed(let why):
            metrics.snapshots.labelled("failed").increment()
            house.logbook.warning("snapshot_failed", ["why": .text(why.description)])
        case .unreadable(let unreadable, let hold): tell(unreadable, hold)
        case .settled(let hold): show { $0.hold = hold }
        case .retrying(let error):
            house.board.failed(.commands, error)
            metrics.retries.increment()
            house.logbook.warning("commands_retrying", ["why": .failure(error)])
        case .restarting(let error):
            standing.withLock { $0 = Standing() }
            house.board.set(.commands, .degraded, error.description)
        case .fenced: house.logbook.error("commands_fenced", [:])
        }
    }

    private func tell(_ unreadable: Unreadable, _ hold: String?) {
        metrics.unreadable.labelled(unreadable.position.source.topic).increment()
        house.logbook.error(
            "record_unreadable",
            [
                "record": .text(unreadable.position.description), "why": .text(unreadable.why),
                "holds": .flag(hold != nil),
            ])
        show { $0.hold = hold }
    }

    private func show(_ change: (inout Standing) -> Void) {
        let now = standing.withLock { standing in
            change(&standing)
            return standing
        }
        guard now.isReady else { return }
        if let hold = now.hold {
            house.board.set(
                .commands, .degraded, "\(hold) cannot be read: nothing leaves until it is skipped or patched")
        } else if !now.isControlProved {
            house.board.set(.commands, .degraded, "control is not proved to be read to its end: nothing leaves")
        } else {
            house.board.set(.commands, .running)
        }
    }
}

extension AnswerCounts {
    fileprivate var byOutcome: [(String, Int)] {
        [
            ("intent", intents), ("rejected", rejected), ("blocked", blocked), ("conflicted", conflicted),
            ("repeated", repeated), ("parked", parked),
        ]
    }
}

/// What the handler measures of itself.
struct CommandsMetrics {
    let decisions: Family<Counter>
    let unreadable: Family<Counter>
    let snapshots: Family<Counter>
    let retries: Counter
    let appends: Histogram
    let batches: Histogram
    let lag: Histogram

    init(in registry: Registry) {
        decisions = registry.counters(
            "torghut_commands_decisions_total", "Decisions that were answered, by what they were answered.",
            by: ["outcome"])
        unreadable = registry.counters(
            "torghut_commands_unreadable_total", "Records that could not be read, by topic.", by: ["topic"])
        snapshots = registry.counters(
            "torghut_commands_snapshots_total", "Snapshots that were saved, discarded or failed.", by: ["result"])
        retries = registry.counter(
            "torghut_commands_retries_total", "How often the log was away and was read again.")
        appends = registry.histogram(
            "torghut_commands_answer_seconds", "From reading decisions to their durable answers.",
            bounds: Histogram.latencies)
        batches = registry.histogram(
            "torghut_commands_batch_decisions", "Decisions that were answered by one append.", bounds: Histogram.sizes)
        lag = registry.histogram(
            "torghut_trading_decision_lag_seconds", "From taking a decision in to its durable answer.",
            bounds: Histogram.lags)
    }
}
