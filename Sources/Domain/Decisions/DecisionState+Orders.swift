internal import Core

/// What became of intents, as far as the next decision must know.
extension DecisionState {
    mutating func fold(_ fact: AnsweredFact) {
        if let answer = fact.answer { answers.record(answer) }
        guard let order = fact.order else { return }
        accounts[fact.account, default: AccountBook()].add(order, of: fact.decision)
    }

    mutating func fold(_ fact: RoutedFact, at now: Timestamp) {
        accounts[fact.account]?.change(fact.decision) { $0.take(fact.change, at: now) }
    }
}

extension AccountBook {
    fileprivate mutating func add(_ order: AnsweredFact.Order, of decision: DecisionHash) {
        let isCovered = order.side == .sell && order.qty <= sellable(order.symbol)
        add(
            OrderInPlay(
                decision: decision, symbol: order.symbol, side: order.side, orderType: order.orderType,
                limitPrice: order.limitPrice, qty: order.qty, price: order.notional.over(order.qty) ?? .zero,
                reserves: isCovered ? .zero : order.notional),
            of: order.strategy, decidedAt: order.decidedAt)
    }
}

extension OrderInPlay {
    fileprivate mutating func take(_ change: RoutedFact.Change, at now: Timestamp) {
        switch change {
        case .accepted(let qty, let limitPrice, let filled, let isOver):
            settledAt = settledAt ?? now
            isUnknown = false
            if let qty { self.qty = qty }
            self.limitPrice = limitPrice
            fill(filled, at: now)
            if isOver { close(at: now) }
        case .closed: close(at: now)
        case .unknown: isUnknown = true
        case .resolved(let isLive, let closes):
            isUnknown = false
            if isLive { settledAt = settledAt ?? now }
            if closes { close(at: now) }
        case .canceled(let filled):
            fill(filled, at: now)
            close(at: now)
        case .updated(let filled, let isOver):
            settledAt = settledAt ?? now
            fill(filled, at: now)
            if isOver { close(at: now) }
        }
    }

    private mutating func fill(_ total: Amount?, at now: Timestamp) {
        guard let total, total > filled else { return }
        filled = total
        filledAt = now
    }

    private mutating func close(at now: Timestamp) { closedAt = closedAt ?? now }
}
