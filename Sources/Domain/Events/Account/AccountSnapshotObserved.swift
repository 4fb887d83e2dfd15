public import Core

/// An account was read.
public struct AccountSnapshotObserved: Payload {
    @inlinable public static var type: EventType { .account(.accountSnapshotObserved) }

    public var asOf: Timestamp
    public var tradingMode: TradingMode
    public var currency: Label
    public var equity: Amount
    public var cash: Amount
    public var buyingPower: Amount
    public var multiplier: Amount?
    public var tradingBlocked: Bool
    public var accountBlocked: Bool
    public var shortingEnabled: Bool?
    public var patternDayTrader: Bool?
    public var status: BrokerWord
    public var positions: [HeldPosition]
    public var complete: Bool
    public var rawAccount: CompactJSON?

    @inlinable
    public init(
        asOf: Timestamp, tradingMode: TradingMode, currency: Label, equity: Amount, cash: Amount, buyingPower: Amount,
        multiplier: Amount? = nil, tradingBlocked: Bool, accountBlocked: Bool, shortingEnabled: Bool? = nil,
        patternDayTrader: Bool? = nil, status: BrokerWord, positions: [HeldPosition], complete: Bool,
        rawAccount: CompactJSON? = nil
    ) {
        self.asOf = asOf
        self.tradingMode = tradingMode
        self.currency = currency
        self.equity = equity
        self.cash = cash
        self.buyingPower = buyingPower
        self.multiplier = multiplier
        self.tradingBlocked = tradingBlocked
        self.accountBlocked = accountBlocked
        self.shortingEnabled = shortingEnabled
        self.patternDayTrader = patternDayTrader
        self.status = status
        self.positions = positions
        self.complete = complete
        self.rawAccount = rawAccount
    }

    @inlinable
    public init(unread: Unread) {
        asOf = unread()
        tradingMode = unread()
        currency = unread()
        equity = unread()
        cash = unread()
        buyingPower = unread()
        tradingBlocked = unread()
        accountBlocked = unread()
        status = unread()
        positions = unread()
        complete = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("as_of", &asOf, "When.")
        try fields.field("trading_mode", &tradingMode, "Paper or live.")
        try fields.field("currency", &currency, FieldNote("Its currency.", example: "USD"))
        try fields.field("equity", &equity, FieldNote("Equity.", unit: "currency"))
        try fields.field("cash", &cash, FieldNote("Cash.", unit: "currency"))
        try fields.field("buying_power", &buyingPower, FieldNote("Buying power.", unit: "currency"))
        try fields.field("multiplier", &multiplier, "Margin multiplier.")
        try fields.field("trading_blocked", &tradingBlocked, "Whether it may not trade.")
        try fields.field("account_blocked", &accountBlocked, "Whether it is blocked.")
        try fields.field("shorting_enabled", &shortingEnabled, "Whether it may sell short.")
        try fields.field("pattern_day_trader", &patternDayTrader, "Whether it is flagged so.")
        try fields.field("status", &status, FieldNote("Alpaca's word for it.", example: "ACTIVE"))
        try fields.list("positions", &positions, 0...2000, "Everything it holds.")
        try fields.field("complete", &complete, "Whether all positions were read.")
        try fields.field("raw_account", &rawAccount, "The account as it was sent.")
    }
}
