public import Core

/// What a replay came to.
public struct ReplayResult: Sendable, Equatable {
    public struct Counts: Sendable, Equatable {
        public internal(set) var events = 0
        public internal(set) var bars = 0
        public internal(set) var quotes = 0
        public internal(set) var buyDecisions = 0
        public internal(set) var sellDecisions = 0
        /// Decisions that the limits of position and shorts did not let through.
        public internal(set) var passedOver = 0
        /// Bars at which a strategy lacked a feature.
        public internal(set) var missingFeatures = 0
        public internal(set) var orders = 0
        public internal(set) var filled = 0
        public internal(set) var partlyFilled = 0
        public internal(set) var expired = 0
        public internal(set) var canceled = 0
        public internal(set) var rejected = 0
        /// Still in the market, or on the way there, when the data ended.
        public internal(set) var open = 0
        /// Fills that closed a position, or a part of one.
        public internal(set) var closingFills = 0
        public internal(set) var winningFills = 0
    }

    public struct Held: Sendable, Equatable {
        public let symbol: Int
        public let qty: Amount
        public let mark: Amount
        public let value: Amount
    }

    /// An order that no venue would have taken.
    public struct Rejection: Sendable, Equatable {
        public let order: Int
        public let reason: String
    }

    public internal(set) var counts = Counts()
    public internal(set) var fills: [Fill] = []
    public internal(set) var rejections: [Rejection] = []
    public internal(set) var curve: EquityCurve
    public internal(set) var held: [Held] = []
    public internal(set) var cash: Amount = .zero
    /// There is no buying power: a result that needed more than there was says so here.
    public internal(set) var lowestCash: Amount = .zero
    public internal(set) var equity: Amount = .zero
    /// As if every fill had been at its middle price, and free.
    public internal(set) var grossPnL: Amount = .zero
    public internal(set) var netPnL: Amount = .zero
    public internal(set) var realizedPnL: Amount = .zero
    public internal(set) var commissions: Amount = .zero
    /// What spread and slippage took.
    public internal(set) var friction: Amount = .zero
    public internal(set) var costs: Amount = .zero
    public internal(set) var turnover: Amount = .zero
    public internal(set) var first: Timestamp?
    public internal(set) var last: Timestamp?
}
