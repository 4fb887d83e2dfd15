public import Core

/// What a strategy looks at, as of one bar; `nil` is what is not known yet.
public struct Features: Sendable, Equatable {
    public var price: Amount
    public var ema12: Amount?
    public var ema26: Amount?
    public var macd: Amount?
    public var macdSignal: Amount?
    public var rsi14: Amount?
    public var volatility: Amount?

    public init(
        price: Amount, ema12: Amount? = nil, ema26: Amount? = nil, macd: Amount? = nil, macdSignal: Amount? = nil,
        rsi14: Amount? = nil, volatility: Amount? = nil
    ) {
        self.price = price
        self.ema12 = ema12
        self.ema26 = ema26
        self.macd = macd
        self.macdSignal = macdSignal
        self.rsi14 = rsi14
        self.volatility = volatility
    }
}
