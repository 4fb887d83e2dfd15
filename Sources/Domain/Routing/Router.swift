public import Core

/// The router's rules: what it is told gives events for the log, and what to do once they are durable.
///
/// Pure: whoever runs it appends the events of a step in one atomic append, and only then performs its actions. State
/// and session already hold the step; when the append fails both are thrown away, and the log is folded again. Its own
/// events are not folded a second time when they are read back.
public struct Router: Sendable {
    public let inForce: PolicyInForce
    let mint: Mint

    public init(_ inForce: PolicyInForce, mint: Mint) {
        self.inForce = inForce
        self.mint = mint
    }

    public var policy: RoutingPolicy { inForce.policy.routing }

    public func step(
        _ input: RouterInput, at now: Timestamp, _ state: inout RouterState, _ session: inout RouterSession
    ) -> RouterStep {
        // Lent, not copied: the state is large.
        var turn = RouterTurn(self, at: now, RouterState(), session)
        swap(&turn.state, &state)
        turn.take(input)
        swap(&turn.state, &state)
        session = turn.session
        return turn.step
    }
}

/// One step in the making.
struct RouterTurn {
    let router: Router
    let now: Timestamp
    var state: RouterState
    var session: RouterSession
    var step = RouterStep()

    init(_ router: Router, at moment: Timestamp, _ state: RouterState, _ session: RouterSession) {
        self.router = router
        now = moment
        self.state = state
        self.session = session
    }

    var policy: RoutingPolicy { router.policy }
    var timing: RoutingPolicy.Timing { router.policy.timing }
    var mint: Mint { router.mint }

    mutating func take(_ input: RouterInput) {
        switch input {
        case .started, .tick:
            for intent in state.open { advance(intent) }
            observeKill()
        case .room: for intent in state.waiting(upTo: Int(policy.limits.concurrencyPerAdapter)) { advance(intent) }
        case .answered(let attempt, let id, let answer, let sentAt, let bytes):
            session.calls[attempt] = nil
            if let sentAt { session.lastSentAt = max(session.lastSentAt ?? sentAt, sentAt) }
            guard let intent = state[id] else { return }
            conclude(intent, attempt, answer, sentAt, bytes)
            advance(id)
        case .lookedUp(let id, let clientOrderID, let answer):
            take(answer, of: id, clientOrderID)
            advance(id)
        case .voided(let id, let attempt, let answer):
            take(answer, of: id, attempt)
            advance(id)
        case .cancelAnswered(let id, let cancelID, let answer):
            take(answer, of: id, cancelID)
            advance(id)
        case .cancelWanted(let id, let reason, let actor, let text, let controlEvent):
            guard let intent = state[id] else { return }
            wantCancel(intent, reason, actor, text, controlEvent)
            advance(id)
        case .replaceWanted(let id, let terms, let actor, let reason):
            guard let intent = state[id] else { return }
            wantReplace(intent, terms, actor, reason)
        }
    }

    /// Moves one intent as far as it may go now.
    mutating func advance(_ id: IntentID) {
        // From attempting over unknown and refused to the next attempt: no path is longer.
        for _ in 0..<4 {
            guard let intent = state[id] else { return }
            switch intent.phase {
            case .waiting: begin(intent)
            case .attempting: watch(intent)
            case .unknown: inquire(intent)
            case .refused: fallBack(intent)
            case .working, .over: break
            }
            if state[id]?.phase == intent.phase { break }
        }
        if let intent = state[id], intent.phase == .working || intent.replacement != nil { tend(intent) }
        if let intent = state[id] { settleStrays(intent) }
        if let intent = state[id] { pursueCancel(intent) }
    }
}

extension RouterTurn {
    /// Adds an event, which counts from now on.
    mutating func emit(_ route: Route, of machine: String, _ detail: String = "", for intent: RoutedIntent) {
        let name = detail.isEmpty ? route.kind.rawValue : "\(route.kind.rawValue)/\(detail)"
        let event = Event(
            envelope(mint.eventID(.step(of: machine, name)), for: intent), .route(route))
        step.events.append(event)
        state.fold(event, at: intent.cause, under: timing)
    }

    /// Control is read back by everyone; that nothing slips through until then, it counts here at once.
    mutating func emit(_ control: Control, _ id: EventID, for intent: RoutedIntent?) {
        let envelope =
            intent.map { self.envelope(id, for: $0) }
            ?? Envelope(
                eventID: id, eventTime: now, ingestTime: now, source: session.source,
                correlation: StoryID(high: id.high, low: id.low))
        step.events.append(Event(envelope, .control(control)))
        state.control.fold(control, envelope, at: state.control.position - 1)
    }

    private func envelope(_ id: EventID, for intent: RoutedIntent) -> Envelope {
        Envelope(
            eventID: id, eventTime: now, ingestTime: now, account: intent.account, symbol: intent.symbol,
            source: session.source, correlation: intent.correlation, causation: intent.eventID, cause: intent.cause)
    }

    func key(of intent: RoutedIntent, _ attempt: RouteAttempt) -> AttemptKey {
        AttemptKey(
            intentID: intent.intentID, decisionHash: intent.decision, clientOrderID: attempt.clientOrderID,
            attemptID: attempt.attemptID, attempt: attempt.number)
    }

    func orderKey(of intent: RoutedIntent, _ order: BrokerOrderID?, _ clientOrderID: ClientOrderID? = nil) -> OrderKey {
        OrderKey(
            intentID: intent.intentID, decisionHash: intent.decision,
            clientOrderID: clientOrderID ?? intent.order?.clientOrderID ?? intent.clientOrderID, alpacaOrderID: order)
    }

    var isKilled: Bool { state.control.isEngaged(with: session.local) }

    /// Whether control is known to its end, no longer ago than the lease.
    var isControlFresh: Bool { session.controlSeenAt.map { now.since($0) <= timing.controlLease } ?? false }

    func later(_ duration: Duration) -> Timestamp { now.advanced(by: duration) ?? .latest }

    /// Twice as long each time, and not for ever.
    func interval(_ count: Int) -> Duration {
        var interval = timing.lookupInterval
        for _ in 0..<min(count, 30) where interval < timing.longestLookupInterval { interval = interval * 2 }
        return min(interval, timing.longestLookupInterval)
    }

    /// Says once, for each engagement, that this router has stopped and when its last byte went out.
    mutating func observeKill() {
        guard state.control.kill.isEngaged, let engaged = state.control.kill.engagedBy,
            session.observedKill != engaged, session.calls.isEmpty
        else { return }
        session.observedKill = engaged
        let stop = session.lastSentAt.flatMap { sent in
            state.control.kill.engagedAt.map { sent.since($0) }
        }
        let actor = ActorName(trusted: session.process.text)
        let reason = state.control.kill.reason ?? Self.stopReason
        let observed = KillSwitchObserved(
            order: ControlOrder(scope: .global, actor: actor, reason: reason), process: session.process,
            engagedEventID: engaged, observedAt: now, lastSentAt: session.lastSentAt,
            stopMicroseconds: stop.map { max(0, $0.microseconds) }, openOrders: Int64(state.openCount))
        let id = mint.eventID(.step(of: "\(engaged)", "control.kill_switch_observed/\(session.process)"))
        emit(.killSwitchObserved(observed), id, for: nil)
    }

    private static let stopReason = Prose(known: "the kill switch is engaged")
}

extension Prose {
    /// A text of ours, which keeps the rules of prose.
    init(known text: StaticString) { self.init(place: "\(text)") }
}

extension Duration {
    var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
