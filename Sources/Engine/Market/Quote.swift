public import Core

/// The best bid and ask of one symbol at one moment.
public struct Quote: Sendable, Equatable {
    public var bid: Amount
    public var ask: Amount
    /// `nil` where the source does not say: then size limits nothing.
    public var bidSize: Amount?
    public var askSize: Amount?
    public var time: Timestamp

    public init(bid: Amount, ask: Amount, bidSize: Amount? = nil, askSize: Amount? = nil, time: Timestamp) {
        self.bid = bid
        self.ask = ask
        self.bidSize = bidSize
        self.askSize = askSize
        self.time = time
    }

    /// A quote that could stand in a market: both prices above zero, the bid not above the ask, no negative size.
    public var isSound: Bool {
        bid > .zero && ask >= bid && !(bidSize ?? .zero).isNegative && !(askSize ?? .zero).isNegative
    }

    /// Halfway between bid and ask.
    public var middle: Amount { Amount.middle(bid, ask) ?? bid }
}
