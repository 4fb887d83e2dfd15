internal import Core

/// Other terms for a working order: an attempt of its own, under an id of its own.
extension RouterTurn {
    mutating func wantReplace(_ intent: RoutedIntent, _ terms: OrderTerms, _ actor: ActorName?, _ reason: Prose?) {
        guard let order = intent.order, intent.phase == .working else { return }
        let number = intent.replaces + 1
        let id = ClientOrderID(trusted: "\(intent.clientOrderID.text)-r\(number)")
        let replaceID = mint.eventID(.step(of: "\(intent.intentID)", "replace/\(number)"))
        let adapter: Adapter = order.adapter == .simulation ? .simulation : .alpaca
        let deadline = later(timing.deadline)
        emit(
            .replaceRequested(
                ReplaceRequested(
                    order: orderKey(of: intent, order.alpacaOrderID), replaceID: replaceID, newClientOrderID: id,
                    side: intent.side, terms: terms, executionAdapter: adapter,
                    executionCorrelationID: CorrelationID(
                        trusted: "torghut-replace-\(String(replaceID.high, radix: 16))"),
                    deadline: deadline, ownerEpoch: session.epoch, actor: actor, reason: reason)),
            of: "\(replaceID)", for: intent)
        guard let after = state[intent.intentID] else { return }
        if let refusal = refusal(of: terms, intent, by: adapter) {
            return refuseReplace(
                after, replaceID, adapter, .unknownError, AdapterReply(code: Code(trusted: refusal)))
        }
        prepare(after, .replace, by: adapter, nil, id, terms, deadline: deadline)
    }

    /// Why an order keeps its terms: nothing here may make more live than the intent asked for.
    private func refusal(of terms: OrderTerms, _ intent: RoutedIntent, by adapter: Adapter) -> String? {
        if isKilled { return HoldReason.killSwitchEngaged.rawValue }
        if state.control.stop.isLatched { return HoldReason.emergencyStopLatched.rawValue }
        if !isControlFresh { return HoldReason.controlViewStale.rawValue }
        if state.control.reviews[intent.symbol] != nil { return HoldReason.symbolUnderReview.rawValue }
        if policy.requiresStream, !state.control.isStreamReady(of: intent.account, at: now) {
            return HoldReason.streamNotReady.rawValue
        }
        if intent.replacement != nil { return "replace_pending" }
        if intent.cancel != nil { return "cancel_pending" }
        if !hasRoom(at: adapter) { return "adapter_busy" }
        if intent.replaces >= policy.limits.replacesPerOrder { return "replace_limit" }
        guard let qty = terms.qty, let asked = intent.terms.qty, qty > .zero, qty <= asked else {
            return "qty_exceeds_intent"
        }
        return nil
    }

    mutating func finishReplace(
        _ intent: RoutedIntent, _ attempt: RouteAttempt, _ shown: ShownOrder, _ id: BrokerOrderID,
        _ status: OrderStatus, _ reply: AdapterReply
    ) {
        guard let replaceID = intent.replacementID else { return }
        emit(
            .replaceDone(
                ReplaceDone(
                    order: orderKey(of: intent, intent.order?.alpacaOrderID), replaceID: replaceID,
                    newClientOrderID: attempt.clientOrderID, newAlpacaOrderID: id, executionAdapter: attempt.adapter,
                    status: status, reply: reply, rawOrder: shown.raw)),
            of: "\(replaceID)", for: intent)
    }

    mutating func refuseReplace(
        _ intent: RoutedIntent, _ attempt: RouteAttempt, _ taxonomy: FailureTaxonomy, _ reply: AdapterReply
    ) {
        guard let replaceID = intent.replacementID else { return }
        refuseReplace(intent, replaceID, attempt.adapter, taxonomy, reply)
    }

    private mutating func refuseReplace(
        _ intent: RoutedIntent, _ replaceID: EventID, _ adapter: Adapter, _ taxonomy: FailureTaxonomy,
        _ reply: AdapterReply
    ) {
        emit(
            .replaceRefused(
                ReplaceRefused(
                    order: orderKey(of: intent, intent.order?.alpacaOrderID), replaceID: replaceID,
                    executionAdapter: adapter, failureTaxonomy: taxonomy, proved: true, reply: reply)),
            of: "\(replaceID)", for: intent)
    }

    mutating func settleReplace(_ intent: RoutedIntent, _ attempt: RouteAttempt, _ finding: Finding) {
        switch finding {
        case .live(let shown):
            guard let id = shown.alpacaOrderID, let status = shown.orderStatus else { return }
            finishReplace(intent, attempt, shown, id, status, AdapterReply())
        case .notLive, .rejected: refuseReplace(intent, attempt, attempt.taxonomy ?? .unknownError, AdapterReply())
        }
    }
}
