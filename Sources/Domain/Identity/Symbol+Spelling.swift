public import Core

extension Symbol {
    /// Whether both name the same thing: brokers spell pairs with and without the stroke, `BTC/USD` and `BTCUSD`.
    public func isSpelling(of other: Symbol) -> Bool { self == other || plain == other.plain }

    private var plain: String { text.uppercased().filter { $0 != "/" } }
}
