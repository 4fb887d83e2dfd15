public import Core

/// The orders that the feed knows, found by either of their ids; it forgets those that ended long ago.
public struct FeedBook: Sendable, Equatable {
    /// How long an order that has ended is kept, and how many of them at most.
    public struct Memory: Sendable, Equatable {
        public var time: Duration
        public var orders: Int

        public init(time: Duration = .seconds(86_400), orders: Int = 200_000) {
            self.time = time
            self.orders = orders
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

    init(_ memory: Memory) { self.memory = memory }

    public var count: Int { orders.count }
    public var openCount: Int { orders.count - (ended.count - firstEnded) }
    public var all: [FedOrder] { orders.values.sorted { $0.number < $1.number } }

    /// The broker's id counts first: one client order id may be told of several of his orders.
    public func order(
        _ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?
    ) -> FedOrder? { number(account, client, alpaca).flatMap { orders[$0] } }

    private func number(_ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?) -> Int64? {
        if let alpaca {
            if let number = byAlpaca[OrderIDName(account, alpaca)] { return number }
            // An order under another of the broker's ids is another order.
            guard let client, let number = byClient[OrderIDName(account, client)],
                orders[number]?.alpacaOrderID == nil
            else { return nil }
            return number
        }
        return client.flatMap { byClient[OrderIDName(account, $0)] }
    }

    /// Changes the order with these ids, and makes it when there is none.
    mutating func change(
        _ account: AccountLabel, _ client: ClientOrderID?, _ alpaca: BrokerOrderID?, at moment: Timestamp,
        _ change: (inout FedOrder) -> Void
    ) {
        let number = number(account, client, alpaca) ?? nextNumber
        if number == nextNumber { nextNumber += 1 }
        var order = orders.removeValue(forKey: number) ?? FedOrder(number, account, at: moment)
        let wasEnded = order.life.isEnded
        order.name(client, alpaca)
        order.heardAt = max(order.heardAt, moment)
        change(&order)
        enter(order)
        if !wasEnded, order.life.isEnded { ended.append(number) }
    }

    private mutating func enter(_ order: FedOrder) {
        orders[order.number] = order
        if let client = order.clientOrderID { byClient[OrderIDName(order.account, client)] = order.number }
        if let alpaca = order.alpacaOrderID { byAlpaca[OrderIDName(order.account, alpaca)] = order.number }
    }

    /// Forgets what ended so long ago that nothing more is to be expected of it.
    mutating func forget(at clock: Timestamp) {
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
        writer.rows(all)
        writer.number(UInt64(ended.count - firstEnded))
        for number in ended[firstEnded...] { writer.number(UInt64(number)) }
    }

    init(from reader: inout StateReader, _ memory: Memory) throws(StateFault) {
        self.memory = memory
        nextNumber = Int64(truncatingIfNeeded: try reader.number())
        for order in try reader.rows(of: FedOrder.self) { enter(order) }
        for _ in 0..<(try reader.number()) { ended.append(Int64(truncatingIfNeeded: try reader.number())) }
    }
}
