internal import Commands
internal import Core
internal import Domain
internal import Telemetry

/// Hears what the gates do: counts it, writes it down, says how the role is.
struct GatesWitness: GatesObserver {
    let house: House
    let metrics: GatesMetrics
    let canary: CanaryWatch
    private let stops = StopTimes()

    init(_ house: House) {
        self.house = house
        metrics = GatesMetrics(in: house.registry)
        canary = CanaryWatch(house)
    }

    func folded(_ fold: GatesFold) {
        for state in BreakerState.allCases {
            metrics.breaker.labelled(Adapter.lean.rawValue, state.rawValue).set(fold.breaker.state == state ? 1 : 0)
        }
        metrics.engaged.set(fold.control.kill.isEngaged ? 1 : 0)
        canary.folded(fold)
        house.board.progressed(.gates)
    }

    /// This process judges no more.
    func left() {
        metrics.forget()
        canary.left()
    }

    func judged(_ verdict: BreakerJudged) {
        metrics.verdicts.labelled(verdict.adapter.rawValue, verdict.breakerState.rawValue).increment()
        house.logbook.warning(
            "breaker_judged",
            [
                "adapter": .text(verdict.adapter.rawValue), "state": .text(verdict.breakerState.rawValue),
                "before": .text(verdict.previousState.rawValue), "why": .text(verdict.breachType?.rawValue ?? "time"),
                "sample": .integer(Int(verdict.window.sample)), "failures": .integer(Int(verdict.failureTotal)),
            ])
    }

    func judged(_ said: Canary) { canary.said(said) }

    func asked(_ adapter: Adapter, _ health: HealthState) {
        metrics.health.labelled(adapter.rawValue).set(health == .healthy ? 1 : 0)
        metrics.questions.labelled(adapter.rawValue, health.rawValue).increment()
    }

    func stopped(_ observed: KillSwitchObserved) {
        guard let stop = observed.stopMicroseconds else { return }
        let noted = stops.note(stop, of: observed.process.text)
        if noted.isFirst { metrics.stopSeconds.removeAll() }
        metrics.stopSeconds.labelled(observed.process.text).set(Double(noted.longest) / 1e6)
    }

    /// The figures stand until the next stop: somebody may look at them only now.
    func released() { stops.released() }

    func judging(isHolding record: String?) {
        house.board.set(.gates, record == nil ? .running : .degraded, record.map { "cannot read \($0)" } ?? "")
    }

    func discarded(_ why: String) { house.logbook.warning("gates_snapshot", ["why": .text(why)]) }
}
