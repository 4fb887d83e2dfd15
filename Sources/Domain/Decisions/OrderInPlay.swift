public import Core

/// An intent of ours as the account will feel it: until the account's own facts show what became of it.
public struct OrderInPlay: FieldRecord {
    public var decision: DecisionHash
    public var symbol: Symbol
    public var side: Side
    public var orderType: OrderType
    public var limitPrice: Amount?
    public var qty: Amount
    /// The price it was judged at.
    public var price: Amount
    /// Buying power it takes: nothing for a sale of what is held.
    public var reserves: Amount
    public var filled: Amount
    public var filledAt: Timestamp?
    /// From when on the broker has counted it: an account read later includes it.
    public var settledAt: Timestamp?
    public var closedAt: Timestamp?
    public var isUnknown: Bool

    public var isOpen: Bool { closedAt == nil }

    init(
        decision: DecisionHash, symbol: Symbol, side: Side, orderType: OrderType, limitPrice: Amount?, qty: Amount,
        price: Amount, reserves: Amount
    ) {
        self.decision = decision
        self.symbol = symbol
        self.side = side
        self.orderType = orderType
        self.limitPrice = limitPrice
        self.qty = qty
        self.price = price
        self.reserves = reserves
        filled = .zero
        isUnknown = false
    }

    /// Buying power that the account's facts of this moment do not show yet.
    func reserved(in facts: Timestamp?) -> Amount {
        if closedAt != nil, filled.isZero { return .zero }
        if let settledAt, let facts, settledAt < facts { return .zero }
        return reserves
    }

    /// What may still come to the position, or came after the facts: never less than the truth.
    func pending(in facts: Timestamp?) -> Amount {
        let seen = { (moment: Timestamp?) in
            guard let moment, let facts else { return false }
            return moment < facts
        }
        if let closedAt { return seen(closedAt) ? .zero : filled }
        return seen(filledAt) ? qty.less(filled) : qty
    }

    public init(unread: Unread) {
        decision = unread()
        symbol = unread()
        side = unread()
        orderType = unread()
        qty = unread()
        price = unread()
        reserves = unread()
        filled = unread()
        isUnknown = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("decision", &decision, "Which.")
        try fields.field("symbol", &symbol, "Of what.")
        try fields.field("side", &side, "Buy or sell.")
        try fields.field("order_type", &orderType, "How its price is found.")
        try fields.field("limit_price", &limitPrice, "Its limit.")
        try fields.field("qty", &qty, "How much.")
        try fields.field("price", &price, "What it was judged at.")
        try fields.field("reserves", &reserves, "Buying power it takes.")
        try fields.field("filled", &filled, "Filled so far.")
        try fields.field("filled_at", &filledAt, "Last filled.")
        try fields.field("settled_at", &settledAt, "When the broker had it.")
        try fields.field("closed_at", &closedAt, "When it was over.")
        try fields.field("is_unknown", &isUnknown, "Whether an attempt of it is unknown.")
    }
}

/// Sums for comparing with limits: what does not fit into an amount is the largest there is, which no limit allows.
extension Amount {
    func plus(_ other: Amount) -> Amount {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        return overflow ? (units < 0 ? .minimum : .maximum) : Amount(units: sum)
    }

    func less(_ other: Amount) -> Amount {
        let (difference, overflow) = units.subtractingReportingOverflow(other.units)
        return overflow ? (units < 0 ? .minimum : .maximum) : Amount(units: difference)
    }

    func times(_ other: Amount) -> Amount {
        do { return try multiplied(by: other) } catch { return isNegative == other.isNegative ? .maximum : .minimum }
    }

    /// `nil` when there is nothing to divide by.
    func over(_ other: Amount) -> Amount? {
        guard !other.isZero else { return nil }
        do { return try divided(by: other) } catch { return isNegative == other.isNegative ? .maximum : .minimum }
    }

    var size: Amount { units < 0 ? Amount.zero.less(self) : self }
}
