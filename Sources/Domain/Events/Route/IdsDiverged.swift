public import Core

/// Two adapters disagree about one order.
public struct IdsDiverged: Payload {
    @inlinable public static var type: EventType { .route(.idsDiverged) }

    public var order: OrderKey
    public var divergence: DivergenceKind
    public var leanOrderID: BrokerOrderID?
    public var brokerOrderID: BrokerOrderID?
    public var strategyID: StrategyID?
    public var observed: Prose

    @inlinable
    public init(
        order: OrderKey, divergence: DivergenceKind, leanOrderID: BrokerOrderID? = nil,
        brokerOrderID: BrokerOrderID? = nil, strategyID: StrategyID? = nil, observed: Prose
    ) {
        self.order = order
        self.divergence = divergence
        self.leanOrderID = leanOrderID
        self.brokerOrderID = brokerOrderID
        self.strategyID = strategyID
        self.observed = observed
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        divergence = unread()
        observed = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("divergence", &divergence, "How.")
        try fields.field("lean_order_id", &leanOrderID, "The order id LEAN gave.")
        try fields.field("broker_order_id", &brokerOrderID, "The order id Alpaca gave.")
        try fields.field("strategy_id", &strategyID, "Whose enablement is refused now.")
        try fields.field("observed", &observed, "What was seen.")
    }
}
