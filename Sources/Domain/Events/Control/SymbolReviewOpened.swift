public import Core

/// A symbol waits for a person.
public struct SymbolReviewOpened: Payload {
    @inlinable public static var type: EventType { .control(.symbolReviewOpened) }

    public var order: ControlOrder
    public var symbol: Symbol
    public var fallbackCount: Int64
    public var fallbackLimit: Int64
    public var window: GateWindow

    @inlinable
    public init(order: ControlOrder, symbol: Symbol, fallbackCount: Int64, fallbackLimit: Int64, window: GateWindow) {
        self.order = order
        self.symbol = symbol
        self.fallbackCount = fallbackCount
        self.fallbackLimit = fallbackLimit
        self.window = window
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        symbol = unread()
        fallbackCount = unread()
        fallbackLimit = unread()
        window = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("symbol", &symbol, "Which.")
        try fields.field("fallback_count", &fallbackCount, "Fallbacks in the window.")
        try fields.field("fallback_limit", &fallbackLimit, "How many are tolerated.")
        try window.walk(&fields)
    }
}
