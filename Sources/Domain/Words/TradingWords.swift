/// The side of an order, as Alpaca writes it.
public enum Side: String, Word {
    public static let words = WordTable<Side>()

    case buy
    case sell

    public var meaning: String {
        switch self {
        case .buy: "Opens or adds to a long position, or closes a short one."
        case .sell: "Closes a long position, or opens a short one."
        }
    }
}

/// How an order's price is found.
public enum OrderType: String, Word {
    public static let words = WordTable<OrderType>()

    case market
    case limit
    case stop
    case stopLimit = "stop_limit"
    case trailingStop = "trailing_stop"

    public var meaning: String {
        switch self {
        case .market: "At the best price there is."
        case .limit: "At the limit price or better."
        case .stop: "A market order once the stop price is reached."
        case .stopLimit: "A limit order once the stop price is reached."
        case .trailingStop: "A stop that follows the price at a distance."
        }
    }
}

/// How long an order stands.
public enum TimeInForce: String, Word {
    public static let words = WordTable<TimeInForce>()

    case day
    case gtc
    case opg
    case cls
    case ioc
    case fok

    public var meaning: String {
        switch self {
        case .day: "Until the end of the trading day."
        case .gtc: "Until it is canceled."
        case .opg: "Only in the opening auction."
        case .cls: "Only in the closing auction."
        case .ioc: "What cannot be filled at once is canceled."
        case .fok: "Filled at once and wholly, or canceled."
        }
    }
}

/// Whether real money moves.
public enum TradingMode: String, Word {
    public static let words = WordTable<TradingMode>()

    case paper
    case live

    public var meaning: String {
        switch self {
        case .paper: "Against the broker's paper account."
        case .live: "Against the live account."
        }
    }
}

/// How much capital live decisions may move.
public enum CapitalStage: String, Word {
    public static let words = WordTable<CapitalStage>()

    case paper
    case shadow
    case canary010x = "0.10x canary"
    case full

    public var meaning: String {
        switch self {
        case .paper: "Paper money only."
        case .shadow: "Live decisions are recorded and held back."
        case .canary010x: "A tenth of the capital."
        case .full: "All of it."
        }
    }
}

/// The bars a strategy decides on, as the original spells them.
public enum Timeframe: String, Word {
    public static let words = WordTable<Timeframe>()

    case oneSecond = "1Sec"
    case oneMinute = "1Min"
    case fiveMinutes = "5Min"
    case fifteenMinutes = "15Min"
    case oneHour = "1Hour"
    case oneDay = "1Day"

    public var meaning: String {
        switch self {
        case .oneSecond: "One second."
        case .oneMinute: "One minute."
        case .fiveMinutes: "Five minutes."
        case .fifteenMinutes: "Fifteen minutes."
        case .oneHour: "One hour."
        case .oneDay: "One trading day."
        }
    }
}

/// Alpaca's order statuses, and what we say before Alpaca knows the order.
public enum OrderStatus: String, Word {
    public static let words = WordTable<OrderStatus>()

    case prepared
    case unknown
    case new
    case partiallyFilled = "partially_filled"
    case filled
    case doneForDay = "done_for_day"
    case canceled
    case expired
    case replaced
    case pendingCancel = "pending_cancel"
    case pendingReplace = "pending_replace"
    case pendingReview = "pending_review"
    case accepted
    case pendingNew = "pending_new"
    case acceptedForBidding = "accepted_for_bidding"
    case stopped
    case rejected
    case suspended
    case calculated
    case held

    public var meaning: String {
        switch self {
        case .prepared: "Ours: durable here, not yet sent."
        case .unknown: "Ours: sent, and nothing proves what became of it."
        case .new: "The exchange works the order."
        case .partiallyFilled: "Part of it is filled."
        case .filled: "All of it is filled; terminal."
        case .doneForDay: "Nothing more happens today."
        case .canceled: "Terminal; may carry a filled quantity."
        case .expired: "Terminal; its time in force is over."
        case .replaced: "Terminal for this id; another order took its place."
        case .pendingCancel: "Asked to be canceled."
        case .pendingReplace: "Asked to be replaced."
        case .pendingReview: "Waits for a review by the broker."
        case .accepted: "Received, not yet at the exchange."
        case .pendingNew: "On its way to the exchange."
        case .acceptedForBidding: "At the exchange, being priced."
        case .stopped: "A trade is guaranteed and has not happened yet."
        case .rejected: "Terminal; never worked."
        case .suspended: "Not eligible for trading."
        case .calculated: "Settlement is still being calculated."
        case .held: "A leg that waits for another."
        }
    }
}
