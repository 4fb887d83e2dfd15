internal import Core
internal import Domain

/// What the broker says.
extension OrderReading {
    mutating func read(_ update: BrokerUpdateRecorded) {
        var facts = blank
        facts.say(update.saidStatus, at: saying.at, isReply: false)
        if let qty = update.filledQty {
            facts.reported = OrderFacts.Reported(qty: qty, price: update.avgFillPrice, saying: saying)
        }
        if update.side != nil, update.orderType != nil {
            facts.terms = OrderFacts.Terms(
                rank: 4, saying: saying, side: update.side, orderType: update.orderType,
                timeInForce: update.timeInForce, qty: update.qty, notional: update.notional,
                limitPrice: update.limitPrice, stopPrice: update.stopPrice)
        }
        facts.replaces = update.replaces
        facts.replacedBy = update.replacedBy
        facts.lastUpdateAt = saying.at
        facts.feedMark = OrderFacts.FeedMark(saying: saying, seq: update.feedSeq)
        say(facts, of: update.clientOrderID, update.alpacaOrderID)
        name(update.decisionHash, rank: 1, for: update.clientOrderID)
        sayReplacing(update.alpacaOrderID, replaces: update.replaces, replacedBy: update.replacedBy)
        if update.clientOrderID != nil || update.alpacaOrderID != nil { report = Report(update, saying) }
    }

    mutating func read(_ snapshot: OrderSnapshotObserved) {
        var facts = blank
        facts.say(snapshot.status.status, at: saying.at, isReply: false)
        if let qty = snapshot.filledQty {
            facts.reported = OrderFacts.Reported(qty: qty, price: snapshot.avgFillPrice, saying: saying)
        }
        if snapshot.side != nil, snapshot.orderType != nil {
            facts.terms = OrderFacts.Terms(
                rank: 3, saying: saying, side: snapshot.side, orderType: snapshot.orderType,
                timeInForce: snapshot.timeInForce, qty: snapshot.qty, notional: snapshot.notional,
                limitPrice: snapshot.limitPrice, stopPrice: snapshot.stopPrice)
        }
        facts.replaces = snapshot.replaces
        facts.replacedBy = snapshot.replacedBy
        facts.rawOrder = OrderFacts.RawOrder(order: snapshot.rawOrder, saying: saying)
        facts.lastUpdateAt = saying.at
        facts.lastReconcileAt = Moment(snapshot.observedAt)
        let order = snapshot.order
        say(facts, of: order.clientOrderID, order.alpacaOrderID)
        name(order.decisionHash, rank: 1, for: order.clientOrderID)
        sayReplacing(order.alpacaOrderID, replaces: snapshot.replaces, replacedBy: snapshot.replacedBy)
    }
}

extension OrderReading.Report {
    /// `nil` when the update is no report of an execution.
    fileprivate init?(_ update: BrokerUpdateRecorded, _ saying: Saying) {
        guard let execution = update.executionID else { return nil }
        self.execution = execution
        alpaca = update.alpacaOrderID
        guard update.eventType?.text != "trade_bust" else {
            kind = .bust
            slice = nil
            return
        }
        guard let qty = update.fillQty, let price = update.fillPrice, qty > .zero, price >= .zero else { return nil }
        kind = update.eventType?.text == "trade_correct" ? .correction : .fill
        slice = ExecutionFillRow.Slice(qty: qty, price: price, saying: saying, position: update.positionQty)
    }

    static let maximumQty = Amount(1_000_000_000_000)
    static let maximumPrice = Amount(1_000_000_000)
    /// With eighteen decimals: some hundred thousand of the largest fit into the sum of an order.
    static let maximumNotional = Int128(1_000_000_000_000_000) * 1_000_000_000_000_000_000

    func check() throws(Refusal) {
        guard let slice else { return }
        guard slice.qty <= Self.maximumQty, slice.price <= Self.maximumPrice,
            let notional = Amount.exactProduct(slice.qty, slice.price), notional <= Self.maximumNotional
        else {
            throw Refusal(
                .unstorable, at: "$.payload.fill_qty",
                "a fill of \(slice.qty) at \(slice.price) is larger than any sum of an order may be")
        }
    }
}
