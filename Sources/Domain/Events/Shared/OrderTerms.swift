public import Core

/// What is asked of an order besides its side.
public struct OrderTerms: FieldRecord {
    public var qty: Amount?
    public var notional: Amount?
    public var orderType: OrderType
    public var timeInForce: TimeInForce
    public var limitPrice: Amount?
    public var stopPrice: Amount?
    public var trailPrice: Amount?
    public var trailPercent: Amount?
    public var extendedHours: Bool?

    @inlinable
    public init(
        qty: Amount? = nil, notional: Amount? = nil, orderType: OrderType, timeInForce: TimeInForce,
        limitPrice: Amount? = nil, stopPrice: Amount? = nil, trailPrice: Amount? = nil, trailPercent: Amount? = nil,
        extendedHours: Bool? = nil
    ) {
        self.qty = qty
        self.notional = notional
        self.orderType = orderType
        self.timeInForce = timeInForce
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.trailPrice = trailPrice
        self.trailPercent = trailPercent
        self.extendedHours = extendedHours
    }

    @inlinable
    public init(unread: Unread) {
        orderType = unread()
        timeInForce = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field(
            "qty", &qty, FieldNote("Quantity; null for an order by notional.", unit: "units", example: "1.5"))
        try fields.field("notional", &notional, FieldNote("Notional of an order without quantity.", unit: "currency"))
        try fields.field("order_type", &orderType, "How its price is found.")
        try fields.field("time_in_force", &timeInForce, "How long it stands.")
        try fields.field("limit_price", &limitPrice, FieldNote("Limit price.", unit: "currency per unit"))
        try fields.field("stop_price", &stopPrice, FieldNote("Stop price.", unit: "currency per unit"))
        try fields.field(
            "trail_price", &trailPrice, FieldNote("Distance of a trailing stop.", unit: "currency per unit"))
        try fields.field("trail_percent", &trailPercent, FieldNote("Distance of a trailing stop.", unit: "percent"))
        try fields.field("extended_hours", &extendedHours, "Whether it may trade outside regular hours.")
    }
}
