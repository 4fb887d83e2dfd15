import Core
import Domain

/// The account at the broker: what is really live, whoever believes what.
struct SimulatedBroker {
    struct Order {
        let id: BrokerOrderID
        let clientOrderID: ClientOrderID
        let symbol: Symbol
        let side: Side
        var qty: Amount
        var status: OrderStatus
        var filled = Amount.zero

        /// What counts against the intent: what was filled, and what may still be.
        var exposure: Amount {
            switch status {
            case .new, .accepted: qty
            default: filled
            }
        }

        var shown: ShownOrder {
            ShownOrder(
                alpacaOrderID: id, clientOrderID: clientOrderID, symbol: symbol, side: side, qty: qty,
                status: BrokerWord(trusted: status.rawValue), filledQty: filled)
        }
    }

    enum Answer {
        case order(Order)
        case rejected
        case duplicate
    }

    /// Whether the broker refuses a client order id that it has seen.
    let isUnique: Bool
    private(set) var orders: [Order] = [] {
        didSet { changes += 1 }
    }
    /// How often an order was made or changed.
    private(set) var changes = 0
    /// Submits that reached the broker, by the decision that the client order id begins with.
    private(set) var received: [String: Int] = [:]

    init(isUnique: Bool) { self.isUnique = isUnique }

    static func root(_ id: ClientOrderID) -> String { String(id.text.prefix(64)) }

    func orders(of root: String) -> [Order] { orders.filter { Self.root($0.clientOrderID) == root } }

    func order(of clientOrderID: ClientOrderID) -> Order? { orders.last { $0.clientOrderID == clientOrderID } }

    mutating func submit(_ order: OutgoingOrder, rejects: Bool) -> Answer {
        received[Self.root(order.clientOrderID), default: 0] += 1
        if isUnique, orders.contains(where: { $0.clientOrderID == order.clientOrderID }) { return .duplicate }
        if rejects { return .rejected }
        let made = Order(
            id: BrokerOrderID(trusted: "order-\(orders.count + 1)"), clientOrderID: order.clientOrderID,
            symbol: order.symbol, side: order.side, qty: order.terms.qty ?? .zero, status: .new)
        orders.append(made)
        return .order(made)
    }

    /// Replaces atomically, and only what still works.
    mutating func replace(_ id: BrokerOrderID, by order: OutgoingOrder) -> Answer {
        guard let index = orders.firstIndex(where: { $0.id == id }), orders[index].status == .new else {
            return .rejected
        }
        orders[index].status = .replaced
        let made = Order(
            id: BrokerOrderID(trusted: "order-\(orders.count + 1)"), clientOrderID: order.clientOrderID,
            symbol: order.symbol, side: order.side, qty: order.terms.qty ?? .zero, status: .new)
        orders.append(made)
        return .order(made)
    }

    /// The order after the change, or `nil` when it no longer works.
    mutating func end(_ id: BrokerOrderID, _ status: OrderStatus) -> Order? {
        guard let index = orders.firstIndex(where: { $0.id == id }), orders[index].status == .new else { return nil }
        orders[index].status = status
        if status == .filled { orders[index].filled = orders[index].qty }
        return orders[index]
    }
}

/// Our runner's promises: deadlines, epochs, durable voids, one submit for each key.
struct SimulatedRunner {
    private(set) var epoch: Int64 = 0
    private var voided: Set<String> = []
    private var taken: Set<String> = []
    private(set) var staleRefusals = 0
    private(set) var lateRefusals = 0

    enum Admission {
        case call
        case stale
        case late
        case void
        case repeated
    }

    /// Decides right before the broker is called.
    mutating func admit(_ order: OutgoingOrder, at now: Timestamp) -> Admission {
        if order.epoch < epoch {
            staleRefusals += 1
            return .stale
        }
        epoch = order.epoch
        if now > order.deadline {
            lateRefusals += 1
            return .late
        }
        if voided.contains(order.clientOrderID.text) { return .void }
        if !taken.insert(order.clientOrderID.text).inserted { return .repeated }
        return .call
    }

    /// A duplicate or an earlier send of the same key decides the answer.
    mutating func void(_ id: ClientOrderID, epoch asked: Int64) -> VoidAnswer {
        guard asked >= epoch else { return .failed }
        epoch = asked
        if taken.contains(id.text) { return .submitted }
        voided.insert(id.text)
        return .neverWillBe
    }
}
