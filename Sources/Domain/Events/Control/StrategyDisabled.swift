public import Core

/// A strategy may not trade.
public struct StrategyDisabled: Payload {
    @inlinable public static var type: EventType { .control(.strategyDisabled) }

    public var order: ControlOrder
    public var strategyID: StrategyID

    @inlinable
    public init(order: ControlOrder, strategyID: StrategyID) {
        self.order = order
        self.strategyID = strategyID
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        strategyID = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("strategy_id", &strategyID, "Which.")
    }
}
