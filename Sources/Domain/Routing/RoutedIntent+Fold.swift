internal import Core

/// How far an intent got, as its events say it.
extension RoutedIntent {
    mutating func fold(_ event: Route, _ envelope: Envelope) {
        let now = envelope.ingestTime
        switch event {
        case .attemptPrepared(let event): prepare(event, at: now)
        case .attemptSent: break
        case .attemptAccepted(let event): accept(event, at: now)
        case .attemptRejected(let event): refuse(event, at: now)
        case .attemptUnknown(let event): lose(event)
        case .attemptResolved(let event): resolve(event, at: now)
        case .fallbackDecided: fallbacks += 1
        case .intentHeld(let event):
            hold = Hold(reason: event.holdReason, since: event.heldSince, isExceeded: event.holdLimitExceeded)
        case .intentReleased: hold = nil
        case .intentWithdrawn: end(at: now)
        case .cancelRequested(let event): request(event, at: now)
        case .cancelConfirmed(let event):
            if event.cancelID == cancel?.cancelID { endCancel(event.order, at: now, isOver: true) }
        case .cancelRefused(let event):
            if event.cancelID == cancel?.cancelID, event.isFinal { endCancel(event.order, at: now, isOver: true) }
        case .replaceRequested(let event):
            replaces += 1
            wantedReplaceID = event.replaceID
        case .replaceDone(let event): if event.replaceID == replacementID { replacement = nil }
        case .replaceRefused(let event): if event.replaceID == replacementID { replacement = nil }
        case .idsDiverged(let event): diverge(event.brokerOrderID)
        }
    }

    private mutating func end(at now: Timestamp) {
        phase = .over
        hold = nil
        overAt = overAt ?? now
    }

    private mutating func prepare(_ event: AttemptPrepared, at now: Timestamp) {
        attempts = max(attempts, event.key.attempt)
        let attempt = RouteAttempt(event, at: now)
        guard event.operation == .submit else {
            replacementID = wantedReplaceID
            return replacement = attempt
        }
        self.attempt = attempt
        phase = .attempting
        seen = nil
    }

    private mutating func accept(_ event: AttemptAccepted, at now: Timestamp) {
        order = BrokerOrder(
            alpacaOrderID: event.alpacaOrderID, clientOrderID: event.key.clientOrderID,
            adapter: event.evidence.executionAdapter, qty: event.terms.qty,
            status: BrokerWord(trusted: event.status.rawValue), filledQty: event.filledQty)
        if event.key.attemptID == replacement?.attemptID { replacement = nil }
        (phase, hold, overAt) = (.working, nil, nil)
        if event.status.isOver { end(at: now) }
        // The stream may have been faster than the answer.
        if let seen, seen.alpacaOrderID == event.alpacaOrderID { follow(seen, at: now) }
        seen = nil
    }

    private mutating func refuse(_ event: AttemptRejected, at now: Timestamp) {
        if event.key.attemptID == replacement?.attemptID { return replacement = nil }
        attempt?.proof = event.proof
        attempt?.taxonomy = event.failureTaxonomy
        attempt?.httpStatus = event.reply.httpStatus
        attempt?.latencyMicroseconds = event.reply.latencyMicroseconds
        if event.fallbackAllowed { phase = .refused } else { end(at: now) }
    }

    private mutating func lose(_ event: AttemptUnknown) {
        let lose = { (attempt: inout RouteAttempt?) in
            attempt?.unknownSince = event.unknownSince
            attempt?.taxonomy = event.failureTaxonomy
            attempt?.httpStatus = event.reply.httpStatus
            attempt?.latencyMicroseconds = event.reply.latencyMicroseconds
        }
        if event.key.attemptID == replacement?.attemptID { return lose(&replacement) }
        lose(&attempt)
        phase = .unknown
    }

    private mutating func resolve(_ event: AttemptResolved, at now: Timestamp) {
        let isReplacement = event.key.attemptID == replacement?.attemptID
        seen = nil
        switch event.resolution {
        case .live:
            guard let id = event.alpacaOrderID, let attempt = isReplacement ? replacement : attempt else { return }
            let status = event.status ?? BrokerWord(trusted: OrderStatus.new.rawValue)
            order = BrokerOrder(
                alpacaOrderID: id, clientOrderID: event.key.clientOrderID, adapter: attempt.adapter,
                qty: attempt.terms.qty, status: status, filledQty: nil)
            if isReplacement { replacement = nil }
            (phase, overAt) = (.working, nil)
            if OrderStatus.isOver(status) { end(at: now) }
        case .notLive:
            if isReplacement { return replacement = nil }
            attempt?.proof = event.proof
            phase = .refused
        case .rejected: if isReplacement { replacement = nil } else { end(at: now) }
        }
    }

    private mutating func request(_ event: CancelRequested, at now: Timestamp) {
        cancels += 1
        guard let id = event.order.alpacaOrderID else { return }
        cancel = Cancel(event, order: id, number: cancels, at: now)
    }

    private mutating func endCancel(_ key: OrderKey, at now: Timestamp, isOver: Bool) {
        cancel = nil
        if let place = strays.firstIndex(where: { $0.alpacaOrderID == key.alpacaOrderID }) {
            strays.remove(at: place)
            return
        }
        if isOver { end(at: now) }
    }

    private mutating func diverge(_ id: BrokerOrderID?) {
        guard let id, !diverged.contains(id) else { return }
        if diverged.count == Self.maximumStrays { diverged.removeFirst() }
        diverged.append(id)
    }
}

/// What the broker shows, which is evidence and never an instruction.
extension RoutedIntent {
    mutating func fold(_ update: OrderUpdate, at now: Timestamp) {
        guard let shown = SeenOrder(update) else { return }
        if let order, order.alpacaOrderID == shown.alpacaOrderID { return follow(shown, at: now) }
        if let place = strays.firstIndex(where: { $0.alpacaOrderID == shown.alpacaOrderID }) {
            strays[place] = shown
            // Over without anybody's asking: nothing is left to cancel.
            if update.isOver, cancel?.alpacaOrderID != shown.alpacaOrderID { strays.remove(at: place) }
            return
        }
        let awaited = replacement?.clientOrderID ?? attempt?.clientOrderID
        let isAwaited = replacement != nil || phase == .attempting || phase == .unknown
        if isAwaited, shown.clientOrderID == awaited { return seen = shown }
        // An id from before a replacement says what is known.
        if let order, let id = shown.clientOrderID, id != order.clientOrderID { return }
        if update.isOver || update.isReplaced || phase == .attempting || phase == .unknown { return }
        // Each of them is canceled, one after another; the broker tells of further ones again.
        if strays.count < Self.maximumStrays { strays.append(shown) }
    }

    private mutating func follow(_ shown: SeenOrder, at now: Timestamp) {
        order?.status = shown.status
        if let filled = shown.filledQty, filled > order?.filledQty ?? .zero { order?.filledQty = filled }
        if OrderStatus.isOver(shown.status) { end(at: now) }
    }
}
