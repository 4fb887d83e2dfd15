public import Core

/// The quote that a decision was made on, as it was seen.
public struct ReferenceQuote: FieldRecord {
    public var bid: Amount
    public var ask: Amount
    public var bidSize: Amount
    public var askSize: Amount
    public var quoteTime: Timestamp
    public var source: SourceName

    @inlinable
    public init(bid: Amount, ask: Amount, bidSize: Amount, askSize: Amount, quoteTime: Timestamp, source: SourceName) {
        self.bid = bid
        self.ask = ask
        self.bidSize = bidSize
        self.askSize = askSize
        self.quoteTime = quoteTime
        self.source = source
    }

    @inlinable
    public init(unread: Unread) {
        bid = unread()
        ask = unread()
        bidSize = unread()
        askSize = unread()
        quoteTime = unread()
        source = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("bid", &bid, FieldNote("Best bid.", unit: "currency per unit", example: "190.19"))
        try fields.field("ask", &ask, FieldNote("Best ask.", unit: "currency per unit", example: "190.21"))
        try fields.field("bid_size", &bidSize, FieldNote("Size at the bid.", unit: "units"))
        try fields.field("ask_size", &askSize, FieldNote("Size at the ask.", unit: "units"))
        try fields.field("quote_ts", &quoteTime, "When the quote was made.")
        try fields.field("source", &source, "Where it came from.")
    }
}
