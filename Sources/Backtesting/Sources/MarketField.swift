/// What a row of market data can say, by all the names under which it is said.
enum MarketField: Int, CaseIterable, Sendable {
    case time
    case symbol
    case open
    case high
    case low
    case close
    case volume
    case bid
    case ask
    case bidSize
    case askSize

    /// Ours, and Alpaca's short ones.
    ///
    /// Upper and lower case differ there: `S` is a symbol, and `s` would be a size.
    var names: [String] {
        switch self {
        case .time: ["ts", "t", "time", "timestamp", "quote_ts", "bar_ts", "event_ts"]
        case .symbol: ["symbol", "S"]
        case .open: ["open", "o"]
        case .high: ["high", "h"]
        case .low: ["low", "l"]
        case .close: ["close", "c"]
        case .volume: ["volume", "v"]
        case .bid: ["bid", "bp", "bid_price", "bid_px"]
        case .ask: ["ask", "ap", "ask_price", "ask_px"]
        case .bidSize: ["bid_size", "bs", "bid_sz"]
        case .askSize: ["ask_size", "as", "ask_sz"]
        }
    }

    static let byName: [String: MarketField] = Dictionary(
        uniqueKeysWithValues: allCases.flatMap { field in field.names.map { ($0, field) } })
}

/// What a source holds.
public enum MarketKind: String, Sendable, CaseIterable {
    case bars
    case quotes

    /// What each row must say.
    var needs: [MarketField] {
        switch self {
        case .bars: [.time, .open, .high, .low, .close, .volume]
        case .quotes: [.time, .bid, .ask]
        }
    }
}
