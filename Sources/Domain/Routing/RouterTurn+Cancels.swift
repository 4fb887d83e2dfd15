internal import Core

/// Cancellations: asked for by a stop or a person, repeated until the order's own status ends them.
extension RouterTurn {
    /// A working order: stopped when everything stops, and its replacement watched.
    mutating func tend(_ intent: RoutedIntent) {
        if let replacement = intent.replacement {
            watch(intent, replacement, isReplacement: true)
            if let intent = state[intent.intentID], let replacement = intent.replacement,
                replacement.unknownSince != nil
            {
                inquire(intent, replacement)
            }
        }
        guard let intent = state[intent.intentID], intent.phase == .working, intent.cancel == nil else { return }
        if isKilled {
            wantCancel(intent, .killSwitch, nil, nil, state.control.kill.engagedBy)
        } else if state.control.stop.isLatched {
            wantCancel(intent, .emergencyStop, nil, nil, state.control.stop.latches.last?.latchedBy)
        }
    }

    mutating func wantCancel(
        _ intent: RoutedIntent, _ reason: CancelReason, _ actor: ActorName?, _ text: Prose?, _ controlEvent: EventID?
    ) {
        if intent.phase == .waiting || intent.phase == .refused { return withdraw(intent, .canceled) }
        guard let order = intent.order, intent.phase == .working, intent.cancel == nil else { return }
        requestCancel(intent, order.alpacaOrderID, order.adapter, reason, actor, text, controlEvent)
    }

    private mutating func requestCancel(
        _ intent: RoutedIntent, _ order: BrokerOrderID, _ adapter: Adapter, _ reason: CancelReason,
        _ actor: ActorName?, _ text: Prose?, _ controlEvent: EventID?
    ) {
        let id = mint.eventID(.step(of: "\(intent.intentID)", "cancel/\(intent.cancels + 1)"))
        let asked = session.askedUnwritten[order].map {
            Prose(place: "asked for at \($0), while nothing could be written")
        }
        let correlation = CorrelationID(trusted: "torghut-cancel-\(String(id.high, radix: 16))")
        emit(
            .cancelRequested(
                CancelRequested(
                    order: orderKey(of: intent, order), cancelID: id, cancelReason: reason, executionAdapter: adapter,
                    executionCorrelationID: correlation, actor: actor, reason: text ?? asked,
                    controlEventID: controlEvent)),
            of: "\(id)", for: intent)
    }

    /// Orders under our id that should not be there are named at once, and canceled one after another.
    mutating func settleStrays(_ intent: RoutedIntent) {
        for stray in intent.strays where !intent.diverged.contains(stray.alpacaOrderID) {
            emit(
                .idsDiverged(
                    IdsDiverged(
                        order: orderKey(of: intent, stray.alpacaOrderID, stray.clientOrderID),
                        divergence: intent.phase == .working ? .secondOrder : .differentOrderID,
                        leanOrderID: intent.order?.adapter == .lean ? intent.order?.alpacaOrderID : nil,
                        brokerOrderID: stray.alpacaOrderID, strategyID: intent.strategy,
                        observed: Prose(known: "the broker shows an order that no attempt of ours accounts for"))),
                of: "\(intent.intentID)", stray.alpacaOrderID.text, for: intent)
        }
        guard let intent = state[intent.intentID], intent.cancel == nil, let stray = intent.strays.first else { return }
        requestCancel(intent, stray.alpacaOrderID, .alpaca, .discrepancy, nil, nil, nil)
    }

    mutating func pursueCancel(_ intent: RoutedIntent) {
        guard let cancel = intent.cancel else { return session.cancels[intent.intentID] = nil }
        if let order = intent.order, intent.phase == .working, order.alpacaOrderID != cancel.alpacaOrderID,
            !intent.strays.contains(where: { $0.alpacaOrderID == cancel.alpacaOrderID })
        {
            // A replacement took the order's place meanwhile: whoever wanted that one gone wants this one gone.
            requestCancel(
                intent, order.alpacaOrderID, order.adapter, cancel.reason, cancel.actor, nil, cancel.controlEvent)
            guard let intent = state[intent.intentID], let cancel = intent.cancel else { return }
            return pursue(cancel, of: intent)
        }
        pursue(cancel, of: intent)
    }

    private mutating func pursue(_ cancel: Cancel, of intent: RoutedIntent) {
        if let ended = Self.end(of: cancel, in: intent) {
            return confirm(intent, cancel, ended, .updateStream, AdapterReply())
        }
        var call = session.cancels[intent.intentID] ?? RouterSession.CancelCall(cancel.cancelID, at: now)
        if call.cancelID != cancel.cancelID { call = RouterSession.CancelCall(cancel.cancelID, at: now) }
        if now >= call.nextTry {
            call.tries += 1
            // The account is the broker's: what one route does not cancel the other may.
            let adapter = call.tries % 2 == 1 ? cancel.adapter : .alpaca
            call.nextTry = later(timing.deadline + interval(call.tries))
            step.actions.append(.cancel(intent.intentID, cancel.cancelID, cancel.alpacaOrderID, by: adapter))
        }
        if now >= call.nextLook {
            call.looks += 1
            call.nextLook = later(timing.deadline + timing.deadlineMargin)
            let id = intent.cancelLookID
            step.actions.append(.lookUp(intent.intentID, id, at: cancel.adapter == .simulation ? .simulation : .alpaca))
        }
        session.cancels[intent.intentID] = call
    }

    /// The order whose status ends the cancellation, once it does.
    private static func end(of cancel: Cancel, in intent: RoutedIntent) -> SeenOrder? {
        let shown = [intent.order?.shown].compactMap(\.self) + intent.strays
        let named = shown.first { $0.alpacaOrderID == cancel.alpacaOrderID }
        if let named { return OrderStatus.isOver(named.status) ? named : nil }
        // Replaced meanwhile, and the replacement is over too: nothing is left that could be canceled.
        return intent.phase == .over ? intent.order?.shown : nil
    }

    mutating func take(_ answer: CancelAnswer, of id: IntentID, _ cancelID: EventID) {
        guard let intent = state[id], let cancel = intent.cancel, cancel.cancelID == cancelID,
            var call = session.cancels[id], call.cancelID == cancelID
        else { return }
        switch answer {
        case .taken, .tooLate:
            // Neither is evidence: the order is asked for its status.
            call.isTaken = true
            call.nextLook = min(call.nextLook, now)
            call.nextTry = later(timing.longestLookupInterval)
        case .failed(let taxonomy, let reply):
            call.nextTry = later(interval(call.tries))
            emit(
                .cancelRefused(
                    CancelRefused(
                        order: orderKey(of: intent, cancel.alpacaOrderID), cancelID: cancelID,
                        executionAdapter: cancel.adapter, failureTaxonomy: taxonomy, isFinal: false, reply: reply)),
                of: "\(cancelID)", "\(now)", for: intent)
        }
        session.cancels[id] = call
    }

    mutating func takeCancelLook(_ answer: LookupAnswer, of intent: RoutedIntent, _ asked: ClientOrderID) {
        guard let cancel = intent.cancel, var call = session.cancels[intent.intentID] else { return }
        call.nextLook = later(interval(call.looks))
        session.cancels[intent.intentID] = call
        guard case .found(let shown) = answer.result, shown.alpacaOrderID == cancel.alpacaOrderID,
            let status = shown.status, OrderStatus.isOver(status),
            ReplyContract.isAnswer(shown, to: asked, intent.symbol, intent.side)
        else { return }
        let seen = SeenOrder(
            alpacaOrderID: cancel.alpacaOrderID, clientOrderID: asked, status: status, filledQty: shown.filledQty)
        confirm(
            intent, cancel, seen, .lookupByClientOrderID, AdapterReply(httpStatus: answer.httpStatus))
    }

    private mutating func confirm(
        _ intent: RoutedIntent, _ cancel: Cancel, _ seen: SeenOrder, _ evidence: EvidenceKind, _ reply: AdapterReply
    ) {
        session.cancels[intent.intentID] = nil
        let key = orderKey(of: intent, seen.alpacaOrderID, seen.clientOrderID)
        if seen.status.text == OrderStatus.filled.rawValue {
            emit(
                .cancelRefused(
                    CancelRefused(
                        order: key, cancelID: cancel.cancelID, executionAdapter: cancel.adapter, status: seen.status,
                        failureTaxonomy: .brokerRejected, isFinal: true, reply: reply)),
                of: "\(cancel.cancelID)", "final", for: intent)
        } else {
            emit(
                .cancelConfirmed(
                    CancelConfirmed(
                        order: key, cancelID: cancel.cancelID, executionAdapter: cancel.adapter, status: seen.status,
                        filledQty: seen.filledQty, confirmedBy: evidence, canceledAt: now, reply: reply)),
                of: "\(cancel.cancelID)", for: intent)
        }
    }
}

extension RoutedIntent {
    /// By which id the broker is asked for what is to be canceled.
    var cancelLookID: ClientOrderID { order?.clientOrderID ?? clientOrderID }
}

extension BrokerOrder {
    /// The same as something that was seen.
    var shown: SeenOrder {
        SeenOrder(
            alpacaOrderID: alpacaOrderID, clientOrderID: clientOrderID, status: status, filledQty: filledQty)
    }
}
