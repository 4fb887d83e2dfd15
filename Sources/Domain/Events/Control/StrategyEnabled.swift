public import Core

/// A strategy may trade.
public struct StrategyEnabled: Payload {
    @inlinable public static var type: EventType { .control(.strategyEnabled) }

    public var order: ControlOrder
    public var strategyID: StrategyID
    public var definitionHash: ContentHash?
    public var definitionJSON: CompactJSON?
    public var routeParityEventID: EventID?

    @inlinable
    public init(
        order: ControlOrder, strategyID: StrategyID, definitionHash: ContentHash? = nil,
        definitionJSON: CompactJSON? = nil, routeParityEventID: EventID? = nil
    ) {
        self.order = order
        self.strategyID = strategyID
        self.definitionHash = definitionHash
        self.definitionJSON = definitionJSON
        self.routeParityEventID = routeParityEventID
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
        try fields.field("definition_hash", &definitionHash, "What its definition hashes to.")
        try fields.field("definition_json", &definitionJSON, "Its definition: universe, timeframe, limits.")
        try fields.field("route_parity_event_id", &routeParityEventID, "The proof of route parity.")
    }
}
