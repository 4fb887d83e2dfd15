public import Core

/// Another order took the place of the first.
public struct ReplaceDone: Payload {
    @inlinable public static var type: EventType { .route(.replaceDone) }

    public var order: OrderKey
    public var replaceID: EventID
    public var newClientOrderID: ClientOrderID
    public var newAlpacaOrderID: BrokerOrderID
    public var executionAdapter: Adapter
    public var status: OrderStatus
    public var reply: AdapterReply
    public var rawOrder: CompactJSON

    @inlinable
    public init(
        order: OrderKey, replaceID: EventID, newClientOrderID: ClientOrderID, newAlpacaOrderID: BrokerOrderID,
        executionAdapter: Adapter, status: OrderStatus, reply: AdapterReply, rawOrder: CompactJSON
    ) {
        self.order = order
        self.replaceID = replaceID
        self.newClientOrderID = newClientOrderID
        self.newAlpacaOrderID = newAlpacaOrderID
        self.executionAdapter = executionAdapter
        self.status = status
        self.reply = reply
        self.rawOrder = rawOrder
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        replaceID = unread()
        newClientOrderID = unread()
        newAlpacaOrderID = unread()
        executionAdapter = unread()
        status = unread()
        reply = unread()
        rawOrder = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("replace_id", &replaceID, "The request.")
        try fields.field("new_client_order_id", &newClientOrderID, "The new order's client id.")
        try fields.field("new_alpaca_order_id", &newAlpacaOrderID, "The new order's broker id.")
        try fields.field("execution_adapter", &executionAdapter, "Who did it.")
        try fields.field("status", &status, "The new order's status.")
        try reply.walk(&fields)
        try fields.field("raw_order", &rawOrder, "The new order as it was sent.")
    }
}
