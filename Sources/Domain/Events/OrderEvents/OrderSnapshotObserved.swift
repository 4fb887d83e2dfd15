public import Core

/// The reconciler read an order.
public struct OrderSnapshotObserved: Payload {
    @inlinable public static var type: EventType { .orderEvents(.orderSnapshotObserved) }

    public var order: OrderKey
    public var observedBy: ObservedBy
    public var observedAt: Timestamp
    public var status: BrokerWord
    public var side: Side?
    public var orderType: BrokerWord?
    public var timeInForce: BrokerWord?
    public var qty: Amount?
    public var notional: Amount?
    public var limitPrice: Amount?
    public var stopPrice: Amount?
    public var filledQty: Amount?
    public var avgFillPrice: Amount?
    public var brokerUpdatedAt: Timestamp?
    public var replaces: BrokerOrderID?
    public var replacedBy: BrokerOrderID?
    public var executionExpectedAdapter: Adapter?
    public var executionAdapter: Adapter?
    public var executionFallbackReason: Code?
    public var rawOrder: CompactJSON

    @inlinable
    public init(
        order: OrderKey, observedBy: ObservedBy, observedAt: Timestamp, status: BrokerWord, side: Side? = nil,
        orderType: BrokerWord? = nil, timeInForce: BrokerWord? = nil, qty: Amount? = nil, notional: Amount? = nil,
        limitPrice: Amount? = nil, stopPrice: Amount? = nil, filledQty: Amount? = nil, avgFillPrice: Amount? = nil,
        brokerUpdatedAt: Timestamp? = nil, replaces: BrokerOrderID? = nil, replacedBy: BrokerOrderID? = nil,
        executionExpectedAdapter: Adapter? = nil, executionAdapter: Adapter? = nil,
        executionFallbackReason: Code? = nil, rawOrder: CompactJSON
    ) {
        self.order = order
        self.observedBy = observedBy
        self.observedAt = observedAt
        self.status = status
        self.side = side
        self.orderType = orderType
        self.timeInForce = timeInForce
        self.qty = qty
        self.notional = notional
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.filledQty = filledQty
        self.avgFillPrice = avgFillPrice
        self.brokerUpdatedAt = brokerUpdatedAt
        self.replaces = replaces
        self.replacedBy = replacedBy
        self.executionExpectedAdapter = executionExpectedAdapter
        self.executionAdapter = executionAdapter
        self.executionFallbackReason = executionFallbackReason
        self.rawOrder = rawOrder
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        observedBy = unread()
        observedAt = unread()
        status = unread()
        rawOrder = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("observed_by", &observedBy, "How.")
        try fields.field("observed_at", &observedAt, "When.")
        try fields.field("status", &status, "The order's status.")
        try fields.field("side", &side, "Buy or sell.")
        try fields.field("order_type", &orderType, "Alpaca's order type.")
        try fields.field("time_in_force", &timeInForce, "Alpaca's time in force.")
        try fields.field("qty", &qty, FieldNote("Quantity.", unit: "units"))
        try fields.field("notional", &notional, FieldNote("Notional.", unit: "currency"))
        try fields.field("limit_price", &limitPrice, FieldNote("Limit price.", unit: "currency per unit"))
        try fields.field("stop_price", &stopPrice, FieldNote("Stop price.", unit: "currency per unit"))
        try fields.field("filled_qty", &filledQty, FieldNote("Filled so far.", unit: "units"))
        try fields.field("avg_fill_price", &avgFillPrice, FieldNote("Average price so far.", unit: "currency per unit"))
        try fields.field("broker_updated_at", &brokerUpdatedAt, "When the broker last changed it.")
        try fields.field("replaces", &replaces, "The order it replaces.")
        try fields.field("replaced_by", &replacedBy, "The order that replaces it.")
        try fields.field("execution_expected_adapter", &executionExpectedAdapter, "Where the policy had sent it.")
        try fields.field("execution_adapter", &executionAdapter, "Where it went.")
        try fields.field("execution_fallback_reason", &executionFallbackReason, "Why it went elsewhere.")
        try fields.field("raw_order", &rawOrder, "The order as it was read.")
    }
}
