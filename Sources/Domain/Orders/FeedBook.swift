public import Core

/// The orders that the feed knows, found by either of their ids; it forgets those that ended long ago.
public struct FeedBook: Sendable, Equatable {
    /// How long an order that has ended is kept, and how many of them at most.
    public struct Memory: Sendable, Equatable {
        public var time: Duration
        public var orders: Int
        /// An order that nothing was heard of for so long is forgotten, whether it ended or not.
        public var silence: Duration

        public init(
            time: Duration = .seconds(86_400), orders: Int = 200_000, silence: Duration = .seconds(100 * 86_400)
        ) {
            self.time = time
            self.orders = orders
            self.silence = silence
        }
    }

    private let memory: Memory
    private var orders: [Int64: FedOrder] = [:]
    private var byClient: [OrderIDName: Int64] = [:]
    private var byAlpaca: [OrderIDName: Int64] = [:]
    /// The numbers of orders in the order they ended.
    private var ended: [Int64] = []
    private var firstEnded = 0
    private var nextNumber: Int64 = 1
    private var nextSilence = Timestamp.earliest

    init(_ memory: Memory) { self.memory = memory }

    public var count: Int { orders.count }
    public var all: [FedOrder] { orders.values.sorted { $0.number < $1.number } }

    /// The broker's id counts first: one client order id may be told of several of his orders.
    public func order(
        _ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?
    ) -> FedOrder? {
        guard let number = number(account, client, alpaca), var order = orders[number] else { return nil }
        if alpaca != nil, let other = nameless(account, client), other != number, let twin = orders[other] {
            order.merge(twin)
        }
        return order
    }

    private func number(_ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?) -> Int64? {
        guard let alpaca else { return client.flatMap { byClient[OrderIDName(account, $0)] } }
        return byAlpaca[OrderIDName(account, alpaca)] ?? nameless(account, client)
    }

    /// The order with this client order id, while the broker's id of it is not known: under another of the broker's
    /// ids it would be another order.
    private func nameless(_ account: AccountLabel, _ client: ClientOrderID?) -> Int64? {
        guard let client, let number = byClient[OrderIDName(account, client)] else { return nil }
        return orders[number]?.alpacaOrderID == nil ? number : nil
    }

    /// Changes the order with these ids, and makes it when there is none.
    ///
    /// It is changed where it lies: an order is a large value, and a busy feed changes many.
    mutating func change(
        _ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?, at moment: Timestamp,
        _ change: (inout FedOrder) -> Void
    ) {
        let number = number(account, client, alpaca) ?? nextNumber
        if number == nextNumber { nextNumber += 1 }
        // Both ids were known, each as an order of its own: now they are one.
        var twin: FedOrder?
        if alpaca != nil, let other = nameless(account, client), other != number, let known = orders[other] {
            remove(known)
            twin = known
        }
        let (isRenamed, isEnding) = Self.change(
            &orders[number, default: FedOrder(number, account, at: moment)], client, alpaca, twin, at: moment, change)
        if isRenamed, let order = orders[number] { enter(order) }
        if isEnding { ended.append(number) }
    }

    /// Whether the order is found by another id now, and whether it ended just now.
    private static func change(
        _ order: inout FedOrder, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?, _ twin: FedOrder?,
        at moment: Timestamp, _ change: (inout FedOrder) -> Void
    ) -> (isRenamed: Bool, isEnding: Bool) {
        let wasEnded = order.life.isEnded
        if let twin { order.merge(twin) }
        let isRenamed =
            twin != nil || (client != nil && order.clientOrderID == nil)
            || (alpaca != nil && order.alpacaOrderID == nil)
        order.name(client, alpaca)
        order.heardAt = max(order.heardAt, moment)
        change(&order)
        return (isRenamed, !wasEnded && order.life.isEnded)
    }

    /// Of several orders with one client order id the latest is found by it.
    private mutating func enter(_ order: FedOrder) {
        if let client = order.clientOrderID {
            let name = OrderIDName(order.account, client)
            byClient[name] = max(byClient[name] ?? order.number, order.number)
        }
        if let alpaca = order.alpacaOrderID { byAlpaca[OrderIDName(order.account, alpaca)] = order.number }
    }

    /// An attempt that never became an order of the broker's.
    mutating func drop(_ account: AccountLabel, _ client: ClientOrderID) {
        guard let number = nameless(account, client), let order = orders[number], order.life == OrderLife() else {
            return
        }
        remove(order)
    }

    /// Forgets what ended so long ago that nothing more is to be expected of it.
    mutating func forget(at clock: Timestamp) {
        forgetSilent(at: clock)
        let limit = clock.advanced(by: .zero - memory.time) ?? .earliest
        while firstEnded < ended.count {
            let number = ended[firstEnded]
            if let order = orders[number] {
                guard order.heardAt < limit || ended.count - firstEnded > memory.orders else { break }
                remove(order)
            }
            firstEnded += 1
        }
        if firstEnded > 1024, firstEnded > ended.count / 2 {
            ended.removeFirst(firstEnded)
            firstEnded = 0
        }
    }

    /// No order works for longer than this; one of whose end nobody told is looked for once an hour.
    private mutating func forgetSilent(at clock: Timestamp) {
        guard clock >= nextSilence else { return }
        nextSilence = clock.advanced(by: .seconds(3600)) ?? .latest
        guard let limit = clock.advanced(by: .zero - memory.silence) else { return }
        for order in all where order.heardAt < limit { remove(order) }
    }

    private mutating func remove(_ order: FedOrder) {
        orders[order.number] = nil
        if let client = order.clientOrderID {
            let name = OrderIDName(order.account, client)
            if byClient[name] == order.number { byClient[name] = nil }
        }
        if let alpaca = order.alpacaOrderID { byAlpaca[OrderIDName(order.account, alpaca)] = nil }
    }

    func write(to writer: inout StateWriter) {
        writer.number(UInt64(nextNumber))
        var silence = nextSilence
        writer.field("next_silence", &silence, "When silent orders are looked for.")
        writer.rows(all)
        writer.number(UInt64(ended.count - firstEnded))
        for number in ended[firstEnded...] { writer.number(UInt64(number)) }
    }

    init(from reader: inout StateReader, _ memory: Memory) throws(StateFault) {
        self.memory = memory
        nextNumber = Int64(truncatingIfNeeded: try reader.number())
        try reader.field("next_silence", &nextSilence, "When silent orders are looked for.")
        for order in try reader.rows(of: FedOrder.self) {
            orders[order.number] = order
            enter(order)
        }
        for _ in 0..<(try reader.number()) { ended.append(Int64(truncatingIfNeeded: try reader.number())) }
    }
}
