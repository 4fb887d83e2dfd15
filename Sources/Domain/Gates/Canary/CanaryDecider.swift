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

    /// Within the skew of clocks no evaluation is before a record that it has seen, or before the last one.
    ///
    /// What is further ahead is of a clock that was wrong: nobody waits for it.
    public func moment(_ now: Timestamp, given situation: Situation) -> Timestamp {
        let behind = situation.fold.latest(beside: now).advanced(by: .nanoseconds(1)) ?? .latest
        let last = situation.incidents.latestEvaluatedAt ?? .earliest
        return max(now, behind, last.since(now) > CanaryFold.maximumSkew ? .earliest : last)
    }

    public func decide(_ situation: Situation, at clock: Timestamp) -> [Event] {
        guard policy.isEnabled, situation.control.mode(of: .liveCanaryExecution) != .off else { return [] }
        let now = moment(clock, given: situation)
        var desk = CanaryDesk(self, situation, at: now)
        let healthy = judgeLatest(situation, now, &desk)
        judgeClosed(situation, now, healthy, &desk)
        amend(situation, now, &desk)
        return desk.events
    }

    private func terms(_ situation: Situation) -> CanaryTerms {
        policy.terms(dryRun: situation.control.mode(of: .liveCanaryExecution) == .dryRun)
    }

    /// Nothing from before LEAN was put back to use counts again, and for a limit nothing from before its incident ended.
    private func span(
        from moment: Timestamp, to end: Timestamp, _ situation: Situation, _ now: Timestamp
    ) -> CanarySpan {
        let start = Self.later(moment, situation.fold.enabledAt, now)
        var limits = LimitStarts()
        for row in situation.incidents.rows.rows {
            let from = min(Self.later(start, row.countsFrom, now), end)
            if from > start { limits[row.breach] = from }
        }
        return CanarySpan(from: start, to: end, at: now, limits: limits)
    }

    private static func later(_ start: Timestamp, _ bound: Timestamp?, _ now: Timestamp) -> Timestamp {
        // From before the clock was set back: what was then lies ahead as well, and counts for nothing.
        guard let bound, bound.since(now) <= CanaryFold.maximumSkew else { return start }
        return max(start, min(bound, now))
    }

    private func evaluation(
        _ terms: CanaryTerms, _ situation: Situation, _ span: CanarySpan, isClosed: Bool, amends: EventID? = nil,
        under hash: ContentHash? = nil
    ) -> CanaryEvaluated {
        CanaryEvaluated(
            order: ControlOrder(
                scope: .lane(.liveCanaryExecution), actor: actor, reason: Prose(known: "the canary was judged")),
            evaluatedAt: span.moment, windowStart: span.start, windowEnd: span.end, isClosed: isClosed,
            amendsEventID: amends, policyHash: hash ?? policyHash, terms: terms, vector: situation.fold.vector,
            rules: CanaryFold.rules, limitStarts: span.limits)
    }

    /// Answers which limits the latest stretch keeps.
    private func judgeLatest(_ situation: Situation, _ now: Timestamp, _ desk: inout CanaryDesk) -> Set<BreachType> {
        let span = span(from: now.advanced(by: .zero - policy.window) ?? .earliest, to: now, situation, now)
        let terms = terms(situation)
        let found = CanaryGate.findings(situation.fold, terms, span)
        if isDue(found.map(\.measure), terms, situation, now) {
            let evidence = found.reduce(into: [:]) { $0[$1.measure.breach] = $1.count.evidence[$1.measure.breach] }
            desk.say(evaluation(terms, situation, span, isClosed: false), evidence: evidence)
        }
        return Set(found.filter { $0.measure.verdict == .pass }.map(\.measure.breach))
    }

    /// A change is said soon, and a breach that opens an incident at once; all else at a bounded rate.
    private func isDue(
        _ measures: [CanaryGate.Measure], _ terms: CanaryTerms, _ situation: Situation, _ now: Timestamp
    ) -> Bool {
        let incidents = situation.incidents
        let stops =
            terms.hardRollbackEnabled && !terms.dryRun && situation.control.mode(of: .execution) == .on
        return measures.contains { measure in
            guard let last = incidents.verdicts[measure.breach.rawValue] else { return true }
            // LEAN was put back to use and fails again: nobody waits for a heartbeat.
            if measure.verdict == .breach, stops { return true }
            let age = now.since(last.evaluatedAt)
            // One that lies ahead was said before the clock was set back.
            if age >= policy.heartbeat || age < .zero - CanaryFold.maximumSkew { return true }
            guard measure.verdict != last.verdict else { return false }
            let opens = measure.verdict == .breach && incidents[measure.breach]?.isOpen != true
            return opens || age >= policy.verdictGap
        }
    }

    /// Each whole window is judged once when it is over and its intents had their time: also those that ended while
    /// nobody judged, as long as all of them is remembered.
    private func judgeClosed(
        _ situation: Situation, _ now: Timestamp, _ healthy: Set<BreachType>, _ desk: inout CanaryDesk
    ) {
        let length = policy.window.nanosecondCount
        let waited = now.advanced(by: .zero - policy.pendingLimit - .seconds(5)) ?? .earliest
        let latest = Timestamp(nanoseconds: waited.nanoseconds - floorRest(waited.nanoseconds, length))
        // What was judged before the clock was set back lies ahead.
        let last = situation.incidents.closed.rows.last.map(\.windowEnd).flatMap {
            $0.since(now) > CanaryFold.maximumSkew ? nil : $0
        }
        guard last.map({ $0 < latest }) ?? true else { return }
        for back in (0..<CanaryFold.closedBehind).reversed() {
            let end = Timestamp(nanoseconds: latest.nanoseconds - Int64(back) * length)
            // Nobody knows of windows before the first one that was judged.
            guard back == 0 || last.map({ $0 < end }) ?? false else { continue }
            judgeClosed(until: end, isLast: back == 0, situation, now, healthy, &desk)
        }
    }

    private func judgeClosed(
        until end: Timestamp, isLast: Bool, _ situation: Situation, _ now: Timestamp, _ healthy: Set<BreachType>,
        _ desk: inout CanaryDesk
    ) {
        let span = span(
            from: Timestamp(nanoseconds: end.nanoseconds - policy.window.nanosecondCount), to: end, situation, now)
        guard span.start < end else { return }
        let said = desk.say(evaluation(terms(situation), situation, span, isClosed: true), evidence: [:])
        guard policy.resolveWindows > 0, isLast else { return }
        for (id, verdict) in said where verdict.window.verdict == .pass && healthy.contains(verdict.breachType) {
            let start = verdict.window.windowStart
            guard let row = situation.incidents[verdict.breachType], row.isOpen, start >= row.openedAt,
                row.healthyWindows(with: start) >= policy.resolveWindows
            else { continue }
            desk.recover(row, id, windows: row.healthyWindows(with: start))
        }
    }

    /// What came late for a window that was judged is said as another verdict on it; the first one stays.
    ///
    /// A part of what was judged says nothing of it: once rows of a window may be forgotten, it stays as it is.
    private func amend(_ situation: Situation, _ now: Timestamp, _ desk: inout CanaryDesk) {
        let known = now.advanced(by: .zero - policy.remembered * CanaryFold.closedBehind) ?? .earliest
        for window in situation.incidents.closed.rows {
            guard let terms = window.terms, let evaluationID = window.evaluationID,
                terms.remembered == policy.remembered, window.windowStart >= known,
                now.since(window.evaluatedAt) >= policy.heartbeat
            else { continue }
            let span = window.span(at: now)
            let found = CanaryGate.findings(situation.fold, terms, span)
            guard !found.contains(where: \.count.isTruncated),
                found.map(ClosedWindow.Measure.init) != window.measures
            else { continue }
            desk.say(
                evaluation(
                    terms, situation, span, isClosed: true, amends: evaluationID, under: window.policyHash),
                evidence: [:])
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
