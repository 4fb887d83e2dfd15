internal import Core

/// What became of intents, as far as the next decision must know.
extension DecisionState {
    mutating func fold(_ event: Intents, _ envelope: Envelope) {
        guard let account = envelope.account, let symbol = envelope.symbol else { return }
        switch event {
        case .intentEmitted(let intent):
            var asked = intent.terms
            if let requested = intent.requestedQty { asked.qty = requested }
            remember(intent.decisionHash, .intent, asked, intent.params, intent.rationale, envelope)
            add(intent, to: account, symbol, decidedAt: envelope.eventTime)
        case .decisionRejected(let refusal):
            remember(refusal.decisionHash, .rejected, refusal.terms, refusal.params, refusal.rationale, envelope)
        case .decisionBlocked(let held):
            // A stale decision was refused before anybody looked it up: it answers nothing.
            guard !held.submissionBlockAtomic.contains(.decisionStale) else { return }
            remember(held.decisionHash, .blocked, held.terms, held.params, held.rationale, envelope)
        case .decisionConflicted: break
        }
    }

    private mutating func remember(
        _ decision: DecisionHash, _ outcome: EarlierAnswer.Outcome, _ terms: OrderTerms, _ params: CompactJSON?,
        _ rationale: Prose?, _ envelope: Envelope
    ) {
        guard let cause = envelope.cause else { return }
        answers.record(
            EarlierAnswer(
                decision: decision, outcome: outcome, eventID: envelope.eventID, answeredAt: envelope.ingestTime,
                partition: cause.partition, offset: cause.offset,
                body: BodyPrint(terms, params: params, rationale: rationale)))
    }

    private mutating func add(
        _ intent: IntentEmitted, to account: AccountLabel, _ symbol: Symbol, decidedAt: Timestamp
    ) {
        var book = accounts[account] ?? AccountBook()
        let notional = intent.intentNotional ?? .zero
        let qty = intent.terms.qty ?? intent.arrivalPrice.flatMap { notional.over($0) } ?? .zero
        let isCovered = intent.side == .sell && qty <= book.sellable(symbol)
        accounts[account] = nil
        book.add(
            OrderInPlay(
                decision: intent.decisionHash, symbol: symbol, side: intent.side, orderType: intent.terms.orderType,
                limitPrice: intent.terms.limitPrice, qty: qty, price: notional.over(qty) ?? .zero,
                reserves: isCovered ? .zero : notional),
            of: intent.strategyID, decidedAt: decidedAt)
        accounts[account] = book
    }

    mutating func fold(_ event: Route, _ envelope: Envelope) {
        guard let account = envelope.account else { return }
        let now = envelope.ingestTime
        switch event {
        case .attemptAccepted(let event):
            accounts[account]?.change(event.key.decisionHash) { order in
                order.settledAt = order.settledAt ?? now
                order.isUnknown = false
                if let qty = event.terms.qty { order.qty = qty }
                order.limitPrice = event.terms.limitPrice
                order.fill(event.filledQty, at: now)
                if event.status.isOver { order.close(at: now) }
            }
        case .attemptRejected(let event):
            guard !event.fallbackAllowed, !event.key.isReplace else { return }
            accounts[account]?.change(event.key.decisionHash) { $0.close(at: now) }
        case .attemptUnknown(let event):
            accounts[account]?.change(event.key.decisionHash) { $0.isUnknown = true }
        case .attemptResolved(let event):
            accounts[account]?.change(event.key.decisionHash) { order in
                order.isUnknown = false
                if event.resolution == .live { order.settledAt = order.settledAt ?? now }
                if event.resolution == .rejected, !event.key.isReplace { order.close(at: now) }
            }
        case .intentWithdrawn(let event): accounts[account]?.change(event.decisionHash) { $0.close(at: now) }
        case .cancelConfirmed(let event):
            guard let decision = event.order.decision else { return }
            accounts[account]?.change(decision) { order in
                order.fill(event.filledQty, at: now)
                order.close(at: now)
            }
        case .attemptPrepared, .attemptSent, .fallbackDecided, .intentHeld, .intentReleased, .cancelRequested,
            .cancelRefused, .replaceRequested, .replaceDone, .replaceRefused, .idsDiverged:
            break
        }
    }

    mutating func fold(_ event: OrderEvents, _ envelope: Envelope) {
        guard let account = envelope.account, let update = OrderUpdate(event) else { return }
        accounts[account]?.change(update.decision) { order in
            order.settledAt = order.settledAt ?? envelope.ingestTime
            order.fill(update.filledQty, at: envelope.ingestTime)
            if update.isOver { order.close(at: envelope.ingestTime) }
        }
    }
}

extension OrderInPlay {
    fileprivate mutating func fill(_ total: Amount?, at now: Timestamp) {
        guard let total, total > filled else { return }
        filled = total
        filledAt = now
    }

    fileprivate mutating func close(at now: Timestamp) { closedAt = closedAt ?? now }
}
