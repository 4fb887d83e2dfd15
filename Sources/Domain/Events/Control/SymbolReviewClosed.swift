public import Core

/// A person let the symbol trade again.
public struct SymbolReviewClosed: Payload {
    @inlinable public static var type: EventType { .control(.symbolReviewClosed) }

    public var order: ControlOrder
    public var symbol: Symbol
    public var openedEventID: EventID?

    @inlinable
    public init(order: ControlOrder, symbol: Symbol, openedEventID: EventID? = nil) {
        self.order = order
        self.symbol = symbol
        self.openedEventID = openedEventID
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        symbol = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("symbol", &symbol, "Which.")
        try fields.field("opened_event_id", &openedEventID, "The review it ends.")
    }
}
