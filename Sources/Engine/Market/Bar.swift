public import Core

/// What a symbol did between two moments: first, highest, lowest and last price, and how much was traded.
public struct Bar: Sendable, Equatable {
    public var opened: Timestamp
    /// The first moment that does not belong to it: only then is the bar known.
    public var closed: Timestamp
    public var open: Amount
    public var high: Amount
    public var low: Amount
    public var close: Amount
    public var volume: Amount

    public init(
        opened: Timestamp, closed: Timestamp, open: Amount, high: Amount, low: Amount, close: Amount, volume: Amount
    ) {
        self.opened = opened
        self.closed = closed
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }

    /// A bar that could have been: time passes, prices are above zero, and none lies outside high and low.
    public var isSound: Bool {
        closed > opened && low > .zero && high >= low && open >= low && open <= high && close >= low && close <= high
            && !volume.isNegative
    }
}
