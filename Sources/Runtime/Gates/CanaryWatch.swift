internal import Commands
internal import Core
internal import Domain
internal import Synchronization
internal import Telemetry

/// Hears what the canary's gate says: counts it, shows it, writes it down.
final class CanaryWatch: Sendable {
    private let house: House
    private let metrics: CanaryMetrics
    /// Incidents that were known before a word about one: it counts when it is none of these.
    private let known = Mutex<Set<Label>>([])

    init(_ house: House) {
        self.house = house
        metrics = CanaryMetrics(in: house.registry)
    }

    func folded(_ fold: GatesFold) {
        known.withLock { $0 = Set(fold.incidents.rows.rows.map(\.incidentKey)) }
        for row in fold.incidents.rows.rows {
            metrics.openIncidents.labelled(row.breach.rawValue).set(row.isOpen ? 1 : 0)
        }
        let judged = Set(fold.incidents.verdicts.rows.map(\.breach))
        for breach in BreachType.allCases where !judged.contains(breach) { metrics.forget(breach.rawValue) }
        for last in fold.incidents.verdicts.rows {
            let breach = last.breach.rawValue
            for verdict in Verdict.allCases {
                metrics.verdict.labelled(breach, verdict.rawValue).set(last.verdict == verdict ? 1 : 0)
            }
            metrics.sample.labelled(breach).set(Double(last.sample))
            // Without a sample nothing is measured: what was before must not look like now.
            metrics.observed.labelled(breach).set(last.observed?.approximation ?? .nan)
            metrics.limit.labelled(breach).set(last.threshold?.approximation ?? .nan)
        }
        metrics.clockAhead.set((fold.canary.ahead(of: house.time.now())?.by ?? .zero) / .seconds(1))
        guard let rollback = fold.rollbacks.latest else { return }
        metrics.rollbackWaiting.set(Double(rollback.waiting))
        metrics.rollbackSeconds.set(rollback.took.map { $0 / .seconds(1) } ?? .nan)
    }

    /// Somebody else judges, or nobody does: what was seen here last is not how it is.
    func left() { metrics.forgetAll() }

    func said(_ canary: Canary) {
        switch canary {
        case .incidentOpened(let incident):
            let isNew = known.withLock { $0.insert(incident.incidentKey).inserted }
            guard isNew else { return }
            metrics.breaches.labelled(incident.breachType.rawValue).increment()
            house.logbook.error(
                "lean_canary_breach",
                [
                    "incident": .text(incident.incidentKey.text), "observed": .text("\(incident.observed)"),
                    "limit": .text("\(incident.threshold)"), "rolled_back": .text("\(incident.rollbackTriggered)"),
                ])
        case .incidentResolved(let ended):
            house.logbook.warning(
                "lean_canary_resolved",
                ["incident": .text(ended.incidentKey.text), "why": .text(ended.resolution.rawValue)])
        case .canaryJudged, .rolloutStepTaken: break
        }
    }
}

extension Amount {
    /// For what is only looked at: metrics hold floating-point numbers.
    fileprivate var approximation: Double { Double(units) / Double(Amount.unitsPerOne) }
}
