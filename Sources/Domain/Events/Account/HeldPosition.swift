public import Core

/// What is held of a symbol.
public struct HeldPosition: FieldRecord {
    public var symbol: Symbol
    public var qty: Amount
    public var qtyAvailable: Amount?
    public var avgEntryPrice: Amount?
    public var marketValue: Amount?
    public var currentPrice: Amount?

    @inlinable
    public init(
        symbol: Symbol, qty: Amount, qtyAvailable: Amount? = nil, avgEntryPrice: Amount? = nil,
        marketValue: Amount? = nil, currentPrice: Amount? = nil
    ) {
        self.symbol = symbol
        self.qty = qty
        self.qtyAvailable = qtyAvailable
        self.avgEntryPrice = avgEntryPrice
        self.marketValue = marketValue
        self.currentPrice = currentPrice
    }

    @inlinable
    public init(unread: Unread) {
        symbol = unread()
        qty = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("symbol", &symbol, "The symbol.")
        try fields.field("qty", &qty, FieldNote("Quantity, negative when short.", unit: "units"))
        try fields.field("qty_available", &qtyAvailable, FieldNote("What no open order holds.", unit: "units"))
        try fields.field("avg_entry_price", &avgEntryPrice, FieldNote("Average price.", unit: "currency per unit"))
        try fields.field("market_value", &marketValue, FieldNote("What it is worth, signed.", unit: "currency"))
        try fields.field("current_price", &currentPrice, FieldNote("Price.", unit: "currency per unit"))
    }
}
