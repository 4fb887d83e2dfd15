internal import Core

/// What orders do to the reconciler's state.
extension ReconcileState {
    mutating func fold(_ route: Route, _ envelope: Envelope, _ account: AccountLabel) {
        switch route {
        case .attemptPrepared(let it):
            change(account, it.key.clientOrderID, nil, envelope) { order in
                order.take(it.key, it.evidence, envelope)
                order.side = it.side
                // What replaces an order is for what was left of it.
                guard it.operation == .submit else { return }
                order.askedQty = it.terms.qty
                order.askedLimit = it.terms.limitPrice
            }
        case .attemptAccepted(let it):
            change(account, it.key.clientOrderID, it.alpacaOrderID, envelope, movedAt: it.submittedAt) { order in
                order.take(it.key, it.evidence, envelope)
                order.side = it.side
                order.told.fold(it, at: envelope.eventTime)
            }
        case .attemptRejected(let it): drop(account, it.key.clientOrderID)
        case .attemptResolved(let it):
            guard it.resolution == .live else { return drop(account, it.key.clientOrderID) }
            change(account, it.key.clientOrderID, it.alpacaOrderID, envelope) { order in
                order.take(it.key, it.evidence, envelope)
                if let status = it.status { order.told.fold(Self.said(status, envelope)) }
            }
        case .cancelConfirmed(let it):
            change(account, it.order.clientOrderID, it.order.alpacaOrderID, envelope) { order in
                order.hear(at: envelope.ingestTime)
                order.told.fold(Self.said(it.status, filled: it.filledQty, envelope))
            }
        case .replaceRequested(let it):
            change(account, it.newClientOrderID, nil, envelope) { order in
                order.hear(at: envelope.ingestTime)
                order.route = order.route ?? ReconciledOrder.RouteTaken(of: it.executionAdapter)
                order.side = it.side
                order.intent = it.order.intentID
                order.decision = it.order.decisionHash
            }
        case .replaceDone(let it):
            change(account, it.order.clientOrderID, it.order.alpacaOrderID, envelope) { order in
                order.hear(at: envelope.ingestTime)
                order.told.fold(Self.said(BrokerWord(trusted: OrderStatus.replaced.rawValue), envelope))
            }
            change(account, it.newClientOrderID, it.newAlpacaOrderID, envelope) { order in
                order.hear(at: envelope.ingestTime)
                order.route = order.route ?? ReconciledOrder.RouteTaken(of: it.executionAdapter)
            }
        case .attemptSent, .attemptUnknown, .fallbackDecided, .intentHeld, .intentReleased, .intentWithdrawn,
            .cancelRequested, .cancelRefused, .replaceRefused, .idsDiverged:
            break
        }
    }

    /// What the broker answered the router counts as told: it was asked for.
    private static func said(
        _ status: BrokerWord, filled: Amount? = nil, _ envelope: Envelope
    ) -> OrderSnapshotObserved {
        OrderSnapshotObserved(
            order: OrderKey(), observedBy: .submitReply, observedAt: envelope.eventTime, status: status,
            filledQty: filled, rawOrder: .emptyObject)
    }

    mutating func fold(_ update: BrokerUpdateRecorded, _ envelope: Envelope, _ account: AccountLabel) {
        switch update.classification {
        case .foreign, .duplicate: return
        case .applied, .noChange, .outOfOrder, .unlinked, .conflict: break
        }
        let moment = envelope.ingestTime
        change(
            account, update.clientOrderID, update.alpacaOrderID, envelope, movedAt: update.brokerEventTime
        ) { order in
            order.hear(at: moment)
            order.side = order.side ?? update.side
            order.told.fold(update, at: moment)
            if update.tellsOfFill, let sum = update.filledQty {
                order.filledByWord = max(order.filledByWord ?? sum, sum)
            }
        }
        follow(update.replaces, to: update.clientOrderID, update.alpacaOrderID, envelope, account)
    }

    mutating func fold(_ snapshot: OrderSnapshotObserved, _ envelope: Envelope, _ account: AccountLabel) {
        let key = snapshot.order
        change(
            account, key.clientOrderID, key.alpacaOrderID, envelope,
            movedAt: snapshot.brokerUpdatedAt ?? snapshot.observedAt
        ) { order in
            order.side = order.side ?? snapshot.side
            order.take(BrokerReading(snapshot))
        }
        follow(snapshot.replaces, to: key.clientOrderID, key.alpacaOrderID, envelope, account)
    }

    /// What takes the place of an order of ours is ours, and goes the same way.
    private mutating func follow(
        _ replaced: BrokerOrderID?, to client: ClientOrderID?, _ alpaca: BrokerOrderID?, _ envelope: Envelope,
        _ account: AccountLabel
    ) {
        guard let replaced, let old = order(account, nil, replaced), let route = old.route,
            order(account, client, alpaca)?.route == nil
        else { return }
        change(account, client, alpaca, envelope) { order in
            order.route = route
            order.intent = order.intent ?? old.intent
            order.decision = order.decision ?? old.decision
        }
    }
}

extension ReconciledOrder {
    mutating func hear(at moment: Timestamp) { heardAt = max(heardAt, moment) }

    /// The first evidence of a route that took the order stands; until then the latest attempt's does.
    fileprivate mutating func take(_ key: AttemptKey, _ evidence: RouteEvidence, _ envelope: Envelope) {
        hear(at: envelope.ingestTime)
        if alpacaOrderID == nil || route == nil || told.status == nil { route = RouteTaken(evidence) }
        decision = key.decisionHash
        intent = key.intentID
        story = envelope.correlation
    }
}

extension BrokerUpdateRecorded {
    /// Whether it says that something was filled, and not only how much there is by now.
    ///
    /// A forwarder that passes on orders alone tells of fills by nothing else. Within an envelope an order without an
    /// event was asked for: its sum may hold fills that nobody told us of.
    fileprivate var tellsOfFill: Bool {
        switch eventType?.text {
        case "fill", "filled", "partial_fill", "partially_filled": true
        case nil: updateShape == .bareOrder || updateShape == .orderObject
        default: false
        }
    }
}
