internal import Adapters
internal import Core
internal import Domain
internal import Telemetry

/// Does what a step wants done, one call at a time, and turns what came of it into the next input.
///
/// Every call ends by its deadline: the adapter's client sees to that.
struct RouterCalls: Sendable {
    /// Between two looks at whether control is fresh again.
    static let staleness = Duration.milliseconds(10)

    let adapters: RouterAdapters
    let gate: CallGate
    let permit: SendPermit
    let timing: RoutingPolicy.Timing
    /// Epochs are compared within one partition.
    let scope: String
    let time: any TimeSource
    let probe: RouterProbe
    let metrics: RouterMetrics
    /// Whose work this is; every request carries it on.
    var trace: TraceContext?

    func perform(_ action: RouterAction) async -> RouterInput? {
        switch action {
        case .submit(let order): await send(order) { await $0.submit(submission(order), $1) }
        case .replace(let order, let replaced):
            await send(order) { await $0.replace(replacement(order, of: replaced), $1) }
        case .lookUp(let intent, let id, let adapter): await lookUp(intent, id, adapter)
        case .void(let intent, let attempt, let id, _): await void(intent, attempt, id)
        case .cancel(let intent, let cancelID, let order, let adapter):
            await cancel(intent, cancelID, order, adapter)
        }
    }

    private func send(
        _ order: OutgoingOrder, by call: (any OrderAdapter, CallTerms) async -> Answered<SubmitVerdict>
    ) async -> RouterInput {
        defer { gate.end(order.adapter) }
        func heldBack(_ reason: HeldBack) -> RouterInput {
            metrics.heldBack.labelled(reason.rawValue).increment()
            return .answered(order.attemptID, of: order.intentID, reason.answer, sentAt: nil, sentBytes: 0)
        }
        guard let adapter = adapters.sending[order.adapter] else { return heldBack(.noAdapter) }
        if let reason = await firstLook(order) { return heldBack(reason) }
        let look = LastLook(gate, permit, order.deadline, time) { [probe] in probe.at(.sending) }
        let answered = await call(adapter, terms(order, look))
        probe.at(.sent)
        metrics.limited(order.adapter, answered.call)
        if let reason = look.refusal {
            if answered.call.sentAt == nil { return heldBack(reason) }
            // A request before it was refused by contract: that is the answer.
            metrics.heldBack.labelled(reason.rawValue).increment()
        }
        let answer = SubmitAnswer(answered)
        if answer.isLate { metrics.lateSends.labelled(order.adapter.rawValue).increment() }
        return .answered(
            order.attemptID, of: order.intentID, answer, sentAt: answered.call.sentAt,
            sentBytes: answered.call.sentBytes)
    }

    /// Before a connection is asked for; a view of control that is stale may become fresh while the deadline lasts.
    private func firstLook(_ order: OutgoingOrder) async -> HeldBack? {
        while true {
            switch permit.look(at: time.now(), deadline: order.deadline) {
            case .go: return nil
            case .forbidden(let reason): return reason
            case .wait:
                // Cancelled: this owner ends, and not a byte went out.
                do { try await Task.sleep(for: Self.staleness) } catch { return .controlStale }
            }
        }
    }

    private func terms(_ order: OutgoingOrder, _ look: LastLook) -> CallTerms {
        var terms = CallTerms(correlationID: order.correlation, deadline: order.deadline, departure: look)
        terms.trace = trace
        return terms
    }

    /// For questions, which anybody may ask at any time.
    private func terms(_ correlation: String) -> CallTerms {
        var terms = CallTerms(
            correlationID: CorrelationID(trusted: correlation),
            deadline: time.now().advanced(by: timing.deadline) ?? .latest)
        terms.trace = trace
        return terms
    }

    private func epoch(_ order: OutgoingOrder) -> SenderEpoch { SenderEpoch(order.epoch, scope: scope) }

    private func submission(_ order: OutgoingOrder) -> OrderSubmission {
        OrderSubmission(
            clientOrderID: order.clientOrderID, symbol: order.symbol, side: order.side, terms: order.terms,
            epoch: epoch(order))
    }

    private func replacement(_ order: OutgoingOrder, of replaced: BrokerOrderID) -> OrderReplacement {
        OrderReplacement(
            orderID: replaced, clientOrderID: order.clientOrderID, symbol: order.symbol, qty: order.terms.qty,
            limitPrice: order.terms.limitPrice, stopPrice: order.terms.stopPrice,
            trail: order.terms.trailPrice ?? order.terms.trailPercent, timeInForce: order.terms.timeInForce,
            epoch: epoch(order))
    }
}

/// Questions and cancellations, which need no permit: reading and stopping are always allowed.
extension RouterCalls {
    private func lookUp(_ intent: IntentID, _ id: ClientOrderID, _ adapter: Adapter) async -> RouterInput {
        let askedAt = time.now()
        guard let asked = adapters.asking[adapter] else {
            return .lookedUp(intent, id, LookupAnswer(askedAt: askedAt, result: .failed))
        }
        probe.at(.asking)
        let answered = await asked.lookup(
            clientOrderID: id, terms("torghut-lookup-\(String(intent.high, radix: 16))"))
        probe.at(.asked)
        metrics.limited(adapter, answered.call)
        return .lookedUp(intent, id, LookupAnswer(answered, askedAt: askedAt))
    }

    private func void(_ intent: IntentID, _ attempt: AttemptID, _ id: ClientOrderID) async -> RouterInput {
        guard let runner = adapters.asking[.lean] else { return .voided(intent, attempt, .failed) }
        probe.at(.asking)
        let answered = await runner.void(id, terms("torghut-void-\(String(attempt.high, radix: 16))"))
        probe.at(.asked)
        return .voided(intent, attempt, VoidAnswer(answered))
    }

    private func cancel(
        _ intent: IntentID, _ cancelID: EventID, _ order: BrokerOrderID, _ adapter: Adapter
    ) async -> RouterInput {
        guard let asked = adapters.asking[adapter] else {
            let reply = AdapterReply(code: Code(trusted: HeldBack.noAdapter.rawValue))
            return .cancelAnswered(intent, cancelID, .failed(.unknownError, reply))
        }
        probe.at(.asking)
        let answered = await asked.cancel(
            orderID: order, terms("torghut-cancel-\(String(cancelID.high, radix: 16))"))
        probe.at(.asked)
        metrics.limited(adapter, answered.call)
        return .cancelAnswered(intent, cancelID, CancelAnswer(answered))
    }
}
