internal import Core

/// The orders that the reconciler knows, found by either of their ids; it forgets those that ended long ago.
struct ReconcileBook: Sendable, Equatable {
    private let memory: FeedBook.Memory
    private var orders: [Int64: ReconciledOrder] = [:]
    private var byClient: [OrderIDName: Int64] = [:]
    private var byAlpaca: [OrderIDName: Int64] = [:]
    /// Those of which something may not fit, or that are not over.
    private(set) var watched: Set<Int64> = []
    /// The numbers of orders in the order they left those that are watched.
    private var over: [Int64] = []
    private var firstOver = 0
    private var nextNumber: Int64 = 1
    private var nextSilence = Timestamp.earliest

    init(_ memory: FeedBook.Memory) { self.memory = memory }

    var count: Int { orders.count }
    var all: [ReconciledOrder] { orders.values.sorted { $0.number < $1.number } }

    /// In the order they became known.
    var watchedOrders: [ReconciledOrder] { watched.sorted().compactMap { orders[$0] } }

    /// The broker's id counts first: one client order id may be told of several of his orders.
    func order(_ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?) -> ReconciledOrder? {
        number(account, client, alpaca).flatMap { orders[$0] }
    }

    private func number(_ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?) -> Int64? {
        guard let alpaca else { return client.flatMap { byClient[OrderIDName(account, $0)] } }
        return byAlpaca[OrderIDName(account, alpaca)] ?? nameless(account, client)
    }

    /// The order with this client order id, while the broker's id of it is not known.
    private func nameless(_ account: AccountLabel, _ client: ClientOrderID?) -> Int64? {
        guard let client, let number = byClient[OrderIDName(account, client)] else { return nil }
        return orders[number]?.alpacaOrderID == nil ? number : nil
    }

    /// Changes the order with these ids, and makes it when there is none; answers what it moved more than before.
    mutating func change(
        _ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?, at moment: Timestamp,
        _ change: (inout ReconciledOrder) -> Void
    ) -> (symbol: Symbol, qty: Amount, money: Amount)? {
        let number = number(account, client, alpaca) ?? nextNumber
        if number == nextNumber { nextNumber += 1 }
        let wasWatched = orders[number] == nil || watched.contains(number)
        var order = orders.removeValue(forKey: number) ?? ReconciledOrder(number, account, at: moment)
        // Both ids were known, each as an order of its own: now they are one.
        if alpaca != nil, let other = nameless(account, client), other != number, let twin = orders[other] {
            remove(twin)
            order.merge(twin)
        }
        order.name(client, alpaca)
        change(&order)
        let before = order.moved
        order.moved = order.movement
        enter(order)
        if wasWatched, !watched.contains(number) { over.append(number) }
        guard before != order.moved, let symbol = order.symbol else { return nil }
        return (symbol, order.moved.qty.less(before.qty), order.moved.money.less(before.money))
    }

    /// Of several orders with one client order id the latest is found by it.
    private mutating func enter(_ order: ReconciledOrder) {
        orders[order.number] = order
        if let client = order.clientOrderID {
            let name = OrderIDName(order.account, client)
            byClient[name] = max(byClient[name] ?? order.number, order.number)
        }
        if let alpaca = order.alpacaOrderID { byAlpaca[OrderIDName(order.account, alpaca)] = order.number }
        if order.isEnded, order.differences.isEmpty {
            watched.remove(order.number)
        } else {
            watched.insert(order.number)
        }
    }

    /// An attempt that never became an order of the broker's.
    mutating func drop(_ account: AccountLabel, _ client: ClientOrderID) {
        guard let number = nameless(account, client), let order = orders[number], order.told == OrderLife() else {
            return
        }
        remove(order)
    }

    /// Forgets what was over so long ago that nothing more is to be expected of it; what does not fit is kept.
    mutating func forget(at clock: Timestamp) {
        forgetSilent(at: clock)
        let limit = clock.advanced(by: .zero - memory.time) ?? .earliest
        while firstOver < over.count {
            let number = over[firstOver]
            if let order = orders[number], !watched.contains(number) {
                guard order.heardAt < limit || over.count - firstOver > memory.orders else { break }
                remove(order)
            }
            firstOver += 1
        }
        if firstOver > 1024, firstOver > over.count / 2 {
            over.removeFirst(firstOver)
            firstOver = 0
        }
    }

    /// No order works for longer than this; one of whose end nobody told is looked for once an hour.
    private mutating func forgetSilent(at clock: Timestamp) {
        guard clock >= nextSilence else { return }
        nextSilence = clock.advanced(by: .seconds(3600)) ?? .latest
        guard let limit = clock.advanced(by: .zero - memory.silence) else { return }
        for order in watchedOrders where max(order.heardAt, order.read?.observedAt ?? order.heardAt) < limit {
            remove(order)
        }
    }

    private mutating func remove(_ order: ReconciledOrder) {
        orders[order.number] = nil
        watched.remove(order.number)
        if let client = order.clientOrderID {
            let name = OrderIDName(order.account, client)
            if byClient[name] == order.number { byClient[name] = nil }
        }
        if let alpaca = order.alpacaOrderID {
            let name = OrderIDName(order.account, alpaca)
            if byAlpaca[name] == order.number { byAlpaca[name] = nil }
        }
    }

    func write(to writer: inout StateWriter) {
        writer.number(UInt64(nextNumber))
        var silence = nextSilence
        writer.field("next_silence", &silence, "When silent orders are looked for.")
        writer.rows(all)
        writer.number(UInt64(over.count - firstOver))
        for number in over[firstOver...] { writer.number(UInt64(number)) }
    }

    init(from reader: inout StateReader, _ memory: FeedBook.Memory) throws(StateFault) {
        self.memory = memory
        nextNumber = Int64(truncatingIfNeeded: try reader.number())
        try reader.field("next_silence", &nextSilence, "When silent orders are looked for.")
        for order in try reader.rows(of: ReconciledOrder.self) { enter(order) }
        for _ in 0..<(try reader.number()) { over.append(Int64(truncatingIfNeeded: try reader.number())) }
    }
}
