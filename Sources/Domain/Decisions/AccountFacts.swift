public import Core

/// What is held of a symbol.
public struct PositionRow: KeyedRow {
    public var symbol: Symbol
    public var qty: Amount
    public var available: Amount
    public var price: Amount?
    public var marketValue: Amount
    public var key: Symbol { symbol }

    init(_ held: HeldPosition) {
        symbol = held.symbol
        qty = held.qty
        available = held.qtyAvailable ?? held.qty
        price = held.currentPrice ?? held.avgEntryPrice
        marketValue = held.marketValue ?? price.map { held.qty.times($0) } ?? .zero
    }

    public init(unread: Unread) {
        symbol = unread()
        qty = unread()
        available = unread()
        marketValue = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("symbol", &symbol, "What.")
        try fields.field("qty", &qty, "How much, signed.")
        try fields.field("available", &available, "What no order holds.")
        try fields.field("price", &price, "Its price.")
        try fields.field("market_value", &marketValue, "Its worth, signed.")
    }
}

/// The account as it was read last, and where that lies on the log.
public struct AccountFacts: FieldRecord {
    public var asOf: Timestamp
    public var position: Int64
    public var mode: TradingMode
    public var equity: Amount
    public var buyingPower: Amount
    public var isBlocked: Bool
    public var shortingEnabled: Bool?
    public var isComplete: Bool
    public private(set) var positions = KeyedRows<PositionRow>()
    /// The worth of all positions, without and with their signs.
    public private(set) var gross = Amount.zero
    public private(set) var net = Amount.zero

    init(_ event: AccountSnapshotObserved, at offset: Int64) {
        asOf = event.asOf
        position = offset + 1
        mode = event.tradingMode
        equity = event.equity
        buyingPower = event.buyingPower
        isBlocked = event.tradingBlocked || event.accountBlocked
        shortingEnabled = event.shortingEnabled
        isComplete = event.complete
        for held in event.positions where !held.qty.isZero { positions.put(PositionRow(held)) }
        sum()
    }

    private mutating func sum() {
        gross = positions.rows.reduce(.zero) { $0.plus($1.marketValue.size) }
        net = positions.rows.reduce(.zero) { $0.plus($1.marketValue) }
    }

    public init(unread: Unread) {
        asOf = unread()
        position = unread()
        mode = unread()
        equity = unread()
        buyingPower = unread()
        isBlocked = unread()
        isComplete = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("as_of", &asOf, "When it was read.")
        try fields.field("position", &position, "How far the account was folded.")
        try fields.field("mode", &mode, "Paper or live.")
        try fields.field("equity", &equity, "Equity.")
        try fields.field("buying_power", &buyingPower, "Buying power.")
        try fields.field("is_blocked", &isBlocked, "Whether the broker blocks it.")
        try fields.field("shorting_enabled", &shortingEnabled, "Whether it may sell short.")
        try fields.field("is_complete", &isComplete, "Whether everything was read.")
        try positions.walk("positions", &fields)
        sum()
    }
}
