internal import Core

/// Our orders of one symbol, as the checks ask for them: sums, and those that are open by side.
struct SymbolBook: Sendable {
    /// An open order as another one may meet it.
    struct OpenOrder: Sendable {
        let number: Int
        let side: Side
        let orderType: OrderType
        let limitPrice: Amount?
    }

    /// All of them, in the order they came.
    private(set) var decisions: [(number: Int, decision: DecisionHash)] = []
    private var openBuys: [OpenOrder] = []
    private var openSales: [OpenOrder] = []
    /// Open orders of which an attempt is unknown.
    private(set) var unresolved = 0
    /// What may still come to the position, signed.
    private(set) var pending = ExactSum()
    /// What our sales take from it, as far as the facts do not show them.
    private(set) var sales = ExactSum()
    /// Orders that may change the position.
    private(set) var moving = 0

    var isEmpty: Bool { decisions.isEmpty }

    func open(_ side: Side) -> [OpenOrder] { side == .buy ? openBuys : openSales }

    mutating func add(_ order: OrderInPlay, _ number: Int, in facts: Timestamp?) {
        decisions.append((number, order.decision))
        count(order, number, in: facts)
    }

    mutating func remove(_ order: OrderInPlay, _ number: Int, in facts: Timestamp?) {
        discount(order, number, in: facts)
        let index = Self.place(of: number, in: decisions) { $0.number }
        if index < decisions.count, decisions[index].number == number { decisions.remove(at: index) }
    }

    /// Takes an order into the sums, as the facts of this moment see it.
    mutating func count(_ order: OrderInPlay, _ number: Int, in facts: Timestamp?) {
        let coming = order.pending(in: facts)
        pending.add(order.side == .buy ? coming : Amount.zero.less(coming))
        if !coming.isZero { moving += 1 }
        if let sold = order.sold(in: facts) { sales.add(sold) }
        guard order.isOpen else { return }
        if order.isUnknown { unresolved += 1 }
        let open = OpenOrder(
            number: number, side: order.side, orderType: order.orderType, limitPrice: order.limitPrice)
        if order.side == .buy { Self.put(open, &openBuys) } else { Self.put(open, &openSales) }
    }

    mutating func discount(_ order: OrderInPlay, _ number: Int, in facts: Timestamp?) {
        let coming = order.pending(in: facts)
        pending.remove(order.side == .buy ? coming : Amount.zero.less(coming))
        if !coming.isZero { moving -= 1 }
        if let sold = order.sold(in: facts) { sales.remove(sold) }
        guard order.isOpen else { return }
        if order.isUnknown { unresolved -= 1 }
        if order.side == .buy { Self.take(number, &openBuys) } else { Self.take(number, &openSales) }
    }

    private static func put(_ order: OpenOrder, _ orders: inout [OpenOrder]) {
        orders.insert(order, at: place(of: order.number, in: orders) { $0.number })
    }

    private static func take(_ number: Int, _ orders: inout [OpenOrder]) {
        let index = place(of: number, in: orders) { $0.number }
        if index < orders.count, orders[index].number == number { orders.remove(at: index) }
    }

    /// The first index whose number is not below this one.
    private static func place<Entry>(of number: Int, in entries: [Entry], _ key: (Entry) -> Int) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if key(entries[middle]) < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension OrderInPlay {
    /// What a sale of ours takes from what may be sold; `nil` when the facts show it.
    ///
    /// The broker holds back what its open orders sell, so of those that it had, nothing is taken twice.
    fileprivate func sold(in facts: Timestamp?) -> Amount? {
        guard side == .sell else { return nil }
        if isOpen, let settledAt, let facts, settledAt < facts { return nil }
        return pending(in: facts)
    }
}
