public import Core

/// Moving averages, MACD and RSI of one symbol, moved on bar by bar at a fixed cost.
///
/// Every step is rounded once, half to even, at the ninth digit: the same series gives the same digits anywhere.
public struct Indicators: Sendable {
    private var bars = 0
    private var close: Int128 = 0
    private var ema12: Int128 = 0
    private var ema26: Int128 = 0
    private var signal: Int128 = 0
    private var gain: Int128 = 0
    private var loss: Int128 = 0
    private var volatility = RealizedVolatility()

    public init() {}

    /// Takes the close of the next bar: averages begin at the first close, RSI has a value from the second on.
    public mutating func add(_ price: Amount) throws(Amount.ArithmeticFault) {
        // Far below the range of the numbers, so that no sum or difference below can leave it.
        guard price > .zero, price.units < Self.largestPrice else { throw .overflow(.add) }
        if bars == 0 {
            (ema12, ema26) = (price.units, price.units)
        } else {
            Self.move(&ema12, to: price.units, 2, over: 13)
            Self.move(&ema26, to: price.units, 2, over: 27)
            Self.move(&signal, to: ema12 - ema26, 2, over: 10)
            let change = price.units - close
            Self.move(&gain, to: max(0, change), 1, over: 14)
            Self.move(&loss, to: max(0, -change), 1, over: 14)
            volatility.add(from: close, to: price.units)
        }
        close = price.units
        bars += 1
    }

    private static let largestPrice: Int128 = 1_000_000_000_000_000_000_000_000_000

    private static func move(_ average: inout Int128, to value: Int128, _ weight: Int128, over parts: Int128) {
        average += HalfEven.quotient((value - average) * weight, parts)
    }

    public var macd: Amount { Amount(units: ema12 - ema26) }
    public var macdSignal: Amount { Amount(units: signal) }

    /// `100 × gain ÷ (gain + loss)`, and 50 when nothing has moved.
    public var rsi14: Amount? {
        guard bars > 1 else { return nil }
        guard gain + loss > 0 else { return 50 }
        return Amount(units: HalfEven.quotient(gain * 100_000_000_000, gain + loss))
    }

    /// All of it; the volatility costs a root, so it is worked out only when asked for.
    public func features(withVolatility: Bool) -> Features {
        Features(
            price: Amount(units: close), ema12: Amount(units: ema12), ema26: Amount(units: ema26), macd: macd,
            macdSignal: macdSignal, rsi14: rsi14, volatility: withVolatility ? volatility.value : nil)
    }
}
