public import Core

/// What the canary's gate says now: evaluations, verdicts, incidents and what follows, as one append.
///
/// Pure: the same state and moment give the same events. Whoever runs it appends all of them or none, and asks again
/// only when it has read them back.
public struct CanaryDecider: Sendable {
    private let policy: CanaryPolicy
    private let policyHash: ContentHash
    let mint: Mint
    let source = SourceName(trusted: "gates")
    let actor = ActorName(trusted: "gates")

    public init(_ inForce: PolicyInForce, mint: Mint) {
        policy = inForce.policy.gates.canary
        policyHash = inForce.policyHash
        self.mint = mint
    }

    /// All that it decides from.
    public struct Situation: Sendable {
        public let fold: CanaryFold
        public let incidents: CanaryIncidents
        public let control: ControlState

        public init(_ fold: CanaryFold, _ incidents: CanaryIncidents, _ control: ControlState) {
            self.fold = fold
            self.incidents = incidents
            self.control = control
        }
    }

    /// A clock that was set back moves nothing back: no evaluation is before a record that it has seen, or before the
    /// last one.
    public func moment(_ now: Timestamp, given situation: Situation) -> Timestamp {
        let behind = situation.fold.latest.advanced(by: .nanoseconds(1)) ?? .latest
        return max(now, behind, situation.incidents.latestEvaluatedAt ?? .earliest)
    }

    public func decide(_ situation: Situation, at clock: Timestamp) -> [Event] {
        guard policy.isEnabled, situation.control.mode(of: .liveCanaryExecution) != .off else { return [] }
        let now = moment(clock, given: situation)
        var desk = CanaryDesk(self, situation, at: now)
        judgeLatest(situation, now, &desk)
        judgeClosed(situation, now, &desk)
        amend(situation, now, &desk)
        return desk.events
    }

    private func terms(_ situation: Situation) -> CanaryTerms {
        policy.terms(dryRun: situation.control.mode(of: .liveCanaryExecution) == .dryRun)
    }

    /// Nothing from before an incident ended or LEAN was put back to use counts again.
    private func start(_ moment: Timestamp, _ situation: Situation) -> Timestamp {
        max(moment, situation.fold.enabledAt ?? .earliest, situation.incidents.resolvedAt ?? .earliest)
    }

    private func evaluation(
        _ terms: CanaryTerms, _ situation: Situation, from start: Timestamp, to end: Timestamp, at now: Timestamp,
        isClosed: Bool, amends: EventID? = nil
    ) -> CanaryEvaluated {
        CanaryEvaluated(
            order: ControlOrder(
                scope: .lane(.liveCanaryExecution), actor: actor, reason: Prose(known: "the canary was judged")),
            evaluatedAt: now, windowStart: start, windowEnd: end, isClosed: isClosed, amendsEventID: amends,
            policyHash: policyHash, terms: terms, vector: situation.fold.vector)
    }

    private func judgeLatest(_ situation: Situation, _ now: Timestamp, _ desk: inout CanaryDesk) {
        let start = start(now.advanced(by: .zero - policy.window) ?? .earliest, situation)
        guard start <= now else { return }
        let terms = terms(situation)
        let count = CanaryCount(situation.fold, terms, from: start, to: now, at: now)
        guard isDue(CanaryGate.measures(count, terms), situation.incidents, now) else { return }
        desk.say(
            evaluation(terms, situation, from: start, to: now, at: now, isClosed: false), evidence: count.evidenceAt)
    }

    /// A change is said soon, and a breach that opens an incident at once; all else at a bounded rate.
    private func isDue(_ measures: [CanaryGate.Measure], _ incidents: CanaryIncidents, _ now: Timestamp) -> Bool {
        measures.contains { measure in
            guard let last = incidents.verdicts[measure.breach.rawValue] else { return true }
            let age = now.since(last.evaluatedAt)
            if age >= policy.heartbeat { return true }
            guard measure.verdict != last.verdict else { return false }
            let opens = measure.verdict == .breach && incidents[measure.breach]?.isOpen != true
            return opens || age >= policy.verdictGap
        }
    }

    /// Each whole window is judged once when it is over and its intents had their time.
    private func judgeClosed(_ situation: Situation, _ now: Timestamp, _ desk: inout CanaryDesk) {
        let length = policy.window.nanosecondCount
        let waited = now.advanced(by: .zero - policy.pendingLimit - .seconds(5)) ?? .earliest
        let end = Timestamp(nanoseconds: waited.nanoseconds - floorRest(waited.nanoseconds, length))
        guard situation.incidents.closed.rows.last.map({ $0.windowEnd < end }) ?? true else { return }
        let start = start(Timestamp(nanoseconds: end.nanoseconds - length), situation)
        guard start < end else { return }
        let said = desk.say(
            evaluation(terms(situation), situation, from: start, to: end, at: now, isClosed: true), evidence: nil)
        guard policy.resolveWindows > 0 else { return }
        for (id, verdict) in said where verdict.window.verdict == .pass {
            guard let row = situation.incidents[verdict.breachType], row.isOpen, start >= row.openedAt,
                row.healthyWindows + 1 >= policy.resolveWindows
            else { continue }
            desk.recover(row, id, windows: row.healthyWindows + 1)
        }
    }

    /// What came late for a window that was judged is said as another verdict on it; the first one stays.
    private func amend(_ situation: Situation, _ now: Timestamp, _ desk: inout CanaryDesk) {
        for window in situation.incidents.closed.rows {
            guard let terms = window.terms, let evaluationID = window.evaluationID,
                terms.windowMicroseconds == policy.window.microseconds,
                now.since(window.evaluatedAt) >= policy.heartbeat
            else { continue }
            let count = CanaryCount(situation.fold, terms, from: window.windowStart, to: window.windowEnd, at: now)
            guard CanaryGate.measures(count, terms).map(ClosedWindow.Measure.init) != window.measures else { continue }
            desk.say(
                evaluation(
                    terms, situation, from: window.windowStart, to: window.windowEnd, at: now, isClosed: true,
                    amends: evaluationID),
                evidence: nil)
        }
    }

    private func floorRest(_ number: Int64, _ divisor: Int64) -> Int64 {
        let rest = number % divisor
        return rest < 0 ? rest + divisor : rest
    }
}

extension Duration {
    var nanosecondCount: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
