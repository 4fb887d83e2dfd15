public import Core

/// An order that the broker has and that is not over, as far as is known here.
public struct OpenOrder: Sendable, Equatable {
    public let intentID: IntentID
    public let orderID: BrokerOrderID
    public let adapter: Adapter

    public init(_ intentID: IntentID, _ orderID: BrokerOrderID, _ adapter: Adapter) {
        self.intentID = intentID
        self.orderID = orderID
        self.adapter = adapter
    }
}

extension RouterState {
    /// What a stop wants to see ended: working orders, and those that should not be there.
    public var openOrders: [OpenOrder] {
        open.compactMap { self[$0] }.flatMap { intent in
            var orders: [OpenOrder] = []
            if intent.phase == .working, let order = intent.order {
                orders.append(OpenOrder(intent.intentID, order.alpacaOrderID, order.adapter))
            }
            for stray in intent.strays { orders.append(OpenOrder(intent.intentID, stray.alpacaOrderID, .alpaca)) }
            return orders
        }
    }

    /// The order that an answer shows which nobody has taken in yet, if it is the one that was asked for.
    public func openOrder(in answer: RouterInput) -> OpenOrder? {
        guard case .answered(let id, of: let intentID, .order(let shown, _, _), _, _) = answer,
            let intent = self[intentID], let orderID = shown.alpacaOrderID,
            let attempt = [intent.replacement, intent.attempt].compactMap({ $0 }).first(where: { $0.attemptID == id }),
            shown.clientOrderID == attempt.clientOrderID
        else { return nil }
        return OpenOrder(intentID, orderID, attempt.adapter)
    }

    /// Whether the log says that open orders are to end.
    public var isStopped: Bool { control.kill.isEngaged || control.stop.isLatched }
}
