internal import Core

/// Writes one append of the canary's gate: each evaluation is followed by its verdicts, and by what follows from them.
struct CanaryDesk {
    private let decider: CanaryDecider
    private let situation: CanaryDecider.Situation
    private let moment: Timestamp
    private(set) var events: [Event] = []
    /// One append stops and disables once, however many limits are broken.
    private var isStopped = false
    private var mint: Mint { decider.mint }

    init(_ decider: CanaryDecider, _ situation: CanaryDecider.Situation, at moment: Timestamp) {
        self.decider = decider
        self.situation = situation
        self.moment = moment
    }

    @discardableResult
    mutating func say(_ evaluation: CanaryEvaluated, evidence: [BreachType: Timestamp]) -> [(EventID, CanaryJudged)] {
        let kind = evaluation.amendsEventID.map { "amends/\($0)" } ?? (evaluation.isClosed ? "closed" : "latest")
        let id = mint.eventID(
            .step(
                of: "lean_canary/\(situation.control.position)/\(situation.incidents.position)",
                "\(kind)/\(evaluation.windowEnd.nanoseconds)/\(moment.nanoseconds)"))
        append(.control(.canaryEvaluated(evaluation)), id, causedBy: nil)
        var said: [(EventID, CanaryJudged)] = []
        for event in CanaryGate.verdicts(of: evaluation, id: id, given: situation.fold, mint: mint) {
            events.append(event)
            guard case .canary(.canaryJudged(let verdict)) = event.content else { continue }
            said.append((event.envelope.eventID, verdict))
            // What an amendment finds is for people: the latest stretch has the same intents as long as they count.
            if verdict.window.verdict == .breach, evaluation.amendsEventID == nil {
                breach(verdict, event.envelope.eventID, evidence[verdict.breachType])
            }
        }
        return said
    }

    private mutating func breach(_ verdict: CanaryJudged, _ id: EventID, _ evidence: Timestamp?) {
        let known = situation.incidents[verdict.breachType].flatMap { $0.isOpen ? $0 : nil }
        // A whole window that is over tells of an incident that nobody saw; one that is known it has nothing to add to.
        if verdict.isClosed == true, known != nil { return }
        let isEnforced = verdict.action == .hardRollback
        let observed = verdict.observed ?? .zero
        // Nothing goes by LEAN while its lane is not on: what comes late of old orders must not stop Alpaca as well.
        let isRollback = isEnforced && situation.control.mode(of: .execution) == .on
        // A stop always has an open incident: one under a known key would be void if an operator just resolved it.
        if isRollback, let known { supersede(known, id) }
        let key =
            isRollback
            ? situation.incidents.nextKey(of: verdict.breachType)
            : known?.incidentKey ?? situation.incidents.nextKey(of: verdict.breachType)
        let opened = IncidentOpened(
            incidentKey: key, breachType: verdict.breachType,
            severity: isEnforced || verdict.dryRun == false ? .critical : .warning, rollbackTriggered: isRollback,
            symbols: verdict.symbols, verdictEventID: id, evidenceJSON: Self.evidence(verdict), observed: observed,
            threshold: verdict.threshold ?? verdict.fallbackRatioLimit)
        append(
            .canary(.incidentOpened(opened)),
            mint.eventID(.step(of: key.text, "canary.incident_opened/\(id)")), causedBy: id)
        guard isRollback, !isStopped else { return }
        isStopped = true
        rollBack(verdict, id, key, observed, evidence ?? moment)
    }

    /// The stop is latched and the lane taken out of use in the same append: nobody ever sees one without the other.
    private mutating func rollBack(
        _ verdict: CanaryJudged, _ id: EventID, _ key: Label, _ observed: Amount, _ evidence: Timestamp
    ) {
        let reason = Code(
            trusted: "lean_canary_breach:\(verdict.breachType.rawValue):\(Self.fourDecimals(observed))")
        let why = Prose(place: "the canary broke a limit: \(reason.text)")
        append(
            .control(
                .emergencyStopLatched(
                    EmergencyStopLatched(
                        order: ControlOrder(scope: .global, actor: decider.actor, reason: why), stopReasons: [reason],
                        latchedAt: moment, verdictEventID: id, incidentKey: key, recoverable: false,
                        evidenceAt: evidence))),
            mint.eventID(.step(of: key.text, "control.emergency_stop_latched/\(id)")), causedBy: id)
        append(
            .control(
                .laneDisabled(
                    LaneDisabled(
                        order: ControlOrder(scope: .lane(.execution), actor: decider.actor, reason: why),
                        lane: .execution, incidentKey: key))),
            mint.eventID(.step(of: key.text, "control.lane_disabled/\(id)")), causedBy: id)
    }

    /// LEAN failed again after it was put back to use: the next incident takes the known one's place.
    private mutating func supersede(_ known: CanaryIncidents.Row, _ verdict: EventID) {
        append(
            .canary(
                .incidentResolved(
                    IncidentResolved(
                        incidentKey: known.incidentKey, breachType: known.breach, resolution: .rolledBack,
                        actor: decider.actor, reason: Prose(known: "LEAN failed again: the next incident goes on"),
                        resolvedAt: moment, verdictEventID: verdict))),
            mint.eventID(.step(of: known.incidentKey.text, "canary.incident_resolved/\(verdict)")), causedBy: verdict)
    }

    mutating func recover(_ row: CanaryIncidents.Row, _ verdict: EventID, windows: Int64) {
        append(
            .canary(
                .incidentResolved(
                    IncidentResolved(
                        incidentKey: row.incidentKey, breachType: row.breach, resolution: .recovered,
                        actor: decider.actor,
                        reason: Prose(place: "\(windows) whole windows within the limit, one after another"),
                        resolvedAt: moment, verdictEventID: verdict))),
            mint.eventID(.step(of: row.incidentKey.text, "canary.incident_resolved")), causedBy: verdict)
    }

    private mutating func append(_ content: DomainEvent, _ id: EventID, causedBy cause: EventID?) {
        events.append(
            Event(
                Envelope(
                    eventID: id, eventTime: moment, ingestTime: moment, source: decider.source,
                    correlation: StoryID(high: id.high, low: id.low), causation: cause), content))
    }

    /// Numbers alone: nothing in it needs an escape.
    private static func evidence(_ verdict: CanaryJudged) -> CompactJSON {
        var text = "{\"sample\":\(verdict.window.sample),\"minimum_sample\":\(verdict.window.minimumSample)"
        text += ",\"lean_total\":\(verdict.leanTotal),\"fallback_total\":\(verdict.fallbackTotal)"
        if let numerator = verdict.numerator { text += ",\"numerator\":\(numerator)" }
        if let observed = verdict.observed { text += ",\"observed\":\"\(observed)\"" }
        if let threshold = verdict.threshold { text += ",\"threshold\":\"\(threshold)\"" }
        if let baseline = verdict.baseline { text += ",\"baseline\":\"\(baseline)\"" }
        text += ",\"window_start\":\"\(verdict.window.windowStart)\",\"window_end\":\"\(verdict.window.windowEnd)\""
        text += ",\"policy_hash\":\"\(verdict.window.policyHash)\"}"
        return CompactJSON(trusted: Array(text.utf8))
    }

    /// As the original wrote a ratio.
    static func fourDecimals(_ amount: Amount) -> String {
        let tenThousandths = amount.units / (Amount.unitsPerOne / 10_000)
        let digits = String(tenThousandths.magnitude % 10_000)
        let padded = String(repeating: "0", count: 4 - digits.count) + digits
        return "\(tenThousandths < 0 ? "-" : "")\(tenThousandths.magnitude / 10_000).\(padded)"
    }
}
