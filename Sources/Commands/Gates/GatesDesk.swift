internal import Adapters
internal import Core
internal import Domain
internal import Wire

/// Makes the gates' events: what adapters said, and what follows from all that is known.
struct GatesDesk {
    private let inForce: PolicyInForce
    private let source: SourceName
    private let actor: ActorName
    private var seq: Int64 = 0

    init(_ inForce: PolicyInForce) {
        self.inForce = inForce
        source = SourceName(trusted: "gates")
        actor = ActorName(trusted: "gates")
    }

    /// An event when it says something: a runner that may be sent to must be seen to be well all the time, and who is
    /// ill stays ill only as long as somebody says so; that Alpaca is still well says nothing.
    mutating func event(_ answer: HealthWatch.Answer, given control: ControlState, at now: Timestamp) -> Event? {
        let before = control.standing(of: answer.adapter).health
        if answer.adapter != .lean, answer.health == .healthy, before == .healthy || before == nil { return nil }
        let routing = inForce.policy.routing
        guard let address = answer.adapter == .lean ? routing.runnerAddress : routing.alpacaAddress else { return nil }
        let reply = answer.call.reply
        let observed = RunnerHealthObserved(
            order: ControlOrder(scope: .adapter(answer.adapter), actor: actor, reason: Self.reason(answer)),
            address: address, health: answer.health, observedAt: answer.observedAt, httpStatus: reply.httpStatus,
            latencyMicroseconds: reply.latencyMicroseconds, contractVersion: answer.call.contractVersion,
            detail: Self.detail(answer))
        let key = "\(answer.adapter.rawValue)/\(answer.observedAt.nanoseconds)"
        return event(.runnerHealthObserved(observed), EventMint.eventID(.outside(source: "health", key: key)), now)
    }

    /// The verdict that changes the breaker, if one does; a timer's evaluation is an event with its time.
    mutating func verdict(_ breaker: BreakerFold, at now: Timestamp) -> Event? {
        let judged = BreakerGate.judge(
            breaker, under: inForce.policy.gates, policyHash: inForce.policyHash, by: actor, at: now)
        guard let judged else { return nil }
        let before = breaker.judgedBy.map { "\($0)" } ?? "first"
        let id = EventMint.eventID(
            .step(of: "breaker/lean/\(before)", "\(judged.breakerState.rawValue)/\(now.nanoseconds)"))
        return event(.breakerJudged(judged), id, now)
    }

    private mutating func event(_ control: Control, _ id: EventID, _ now: Timestamp) -> Event {
        seq += 1
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, seq: seq, source: source,
            correlation: StoryID(high: id.high, low: id.low))
        return Event(envelope, .control(control))
    }

    private static func reason(_ answer: HealthWatch.Answer) -> Prose {
        answer.health == .healthy ? Prose(trusted: "it answered well") : Prose(trusted: "it did not answer well")
    }

    private static func detail(_ answer: HealthWatch.Answer) -> Prose? {
        // A code of ours is short and clean.
        answer.detail.flatMap { Prose(trusted: $0.text) }
    }
}

extension Prose {
    /// A text of ours, which keeps the rules of prose.
    fileprivate init(trusted text: String) {
        do throws(FieldFault) { try self.init(text) } catch { preconditionFailure("not prose: \(error)") }
    }
}
