public import Core

/// An intent that LEAN was asked for, as the canary sees it: numerator and denominator are counted from these alone.
public struct CanaryIntent: RecentRow {
    public enum Outcome: String, Word {
        public static let words = WordTable<Outcome>()

        case pending
        case kept
        case fellBack = "fell_back"
        case withdrawn
        case withheld

        public var meaning: String {
            switch self {
            case .pending: "Nothing is decided yet."
            case .kept: "LEAN did its work, whatever the broker said."
            case .fellBack: "It fell back to another adapter."
            case .withdrawn: "It was withdrawn before it was decided where it goes: counts for nothing."
            case .withheld: "LEAN was never asked: it counts for nothing."
            }
        }
    }

    public var intentID: IntentID
    public var attemptID: AttemptID
    public var symbol: Symbol
    public var account: AccountLabel?
    public var tradingMode: TradingMode
    public var preparedAt: Timestamp
    public var outcome: Outcome
    public var endedAt: Timestamp?
    public var reason: Code?
    /// When the attempt through LEAN failed, whatever became of the intent.
    public var failedAt: Timestamp?

    public var key: IntentID { intentID }
    public var madeAt: Timestamp { preparedAt }

    init(_ event: AttemptPrepared, _ envelope: Envelope, at moment: Timestamp) {
        intentID = event.key.intentID
        attemptID = event.key.attemptID
        symbol = envelope.symbol ?? Symbol.blank
        account = envelope.account
        tradingMode = event.tradingMode
        preparedAt = moment
        outcome = .pending
    }

    public init(unread: Unread) {
        intentID = unread()
        attemptID = unread()
        symbol = unread()
        tradingMode = unread()
        preparedAt = unread()
        outcome = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "Which.")
        try fields.field("attempt_id", &attemptID, "The attempt through LEAN.")
        try fields.field("symbol", &symbol, "Of what.")
        try fields.field("account", &account, "Whose.")
        try fields.field("trading_mode", &tradingMode, "Paper or live.")
        try fields.field("prepared_at", &preparedAt, "When LEAN was to be asked.")
        try fields.field("outcome", &outcome, "What came of it.")
        try fields.field("ended_at", &endedAt, "When.")
        try fields.field("reason", &reason, "Why it fell back.")
        try fields.field("failed_at", &failedAt, "When the attempt failed.")
    }

    /// The first outcome counts.
    mutating func end(_ outcome: Outcome, _ reason: Code? = nil, at moment: Timestamp) {
        guard self.outcome == .pending else { return }
        self.outcome = outcome
        self.reason = reason
        endedAt = moment
    }
}

/// What an intent's price is held against.
public struct CanaryArrival: RecentRow {
    public var decision: DecisionHash
    public var price: Amount
    public var side: Side
    public var tradingMode: TradingMode
    public var madeAt: Timestamp
    public var key: DecisionHash { decision }

    init(_ event: IntentEmitted, price: Amount, at moment: Timestamp) {
        decision = event.decisionHash
        self.price = price
        side = event.side
        tradingMode = event.judgement.tradingMode
        madeAt = moment
    }

    public init(unread: Unread) {
        decision = unread()
        price = unread()
        side = unread()
        tradingMode = unread()
        madeAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("decision", &decision, "Which.")
        try fields.field("price", &price, "The price at which it was decided.")
        try fields.field("side", &side, "Buy or sell.")
        try fields.field("trading_mode", &tradingMode, "Paper or live.")
        try fields.field("made_at", &madeAt, "When.")
    }
}

/// Which adapter took an order.
public struct CanaryTaking: RecentRow {
    public var decision: DecisionHash
    public var adapter: Adapter
    public var madeAt: Timestamp
    public var key: DecisionHash { decision }

    init(_ decision: DecisionHash, _ adapter: Adapter, at moment: Timestamp) {
        self.decision = decision
        self.adapter = adapter
        madeAt = moment
    }

    public init(unread: Unread) {
        decision = unread()
        adapter = unread()
        madeAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("decision", &decision, "Which.")
        try fields.field("adapter", &adapter, "Who took it.")
        try fields.field("made_at", &madeAt, "When.")
    }
}

/// At what average an order was filled so far.
public struct CanaryFill: RecentRow {
    public var decision: DecisionHash
    public var symbol: Symbol
    public var account: AccountLabel?
    public var average: Amount
    public var qty: Amount
    public var madeAt: Timestamp
    public var key: DecisionHash { decision }

    init(
        _ decision: DecisionHash, _ envelope: Envelope, average: Amount, qty: Amount, at moment: Timestamp
    ) {
        self.decision = decision
        symbol = envelope.symbol ?? Symbol.blank
        account = envelope.account
        self.average = average
        self.qty = qty
        madeAt = moment
    }

    public init(unread: Unread) {
        decision = unread()
        symbol = unread()
        average = unread()
        qty = unread()
        madeAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("decision", &decision, "Which.")
        try fields.field("symbol", &symbol, "Of what.")
        try fields.field("account", &account, "Whose.")
        try fields.field("average", &average, "The average price.")
        try fields.field("qty", &qty, "How much that is the average of.")
        try fields.field("made_at", &madeAt, "When it was first filled.")
    }
}

/// What the fills of an intent came to beside its shadow: the last judgement of it counts.
public struct CanaryShadow: RecentRow {
    public var intentID: IntentID
    public var decision: DecisionHash
    public var symbol: Symbol
    public var account: AccountLabel?
    /// Neither once the last judgement says nothing: a busted fill takes its drift back.
    public var isDrift: Bool?
    public var revision: Int64
    public var madeAt: Timestamp
    public var key: IntentID { intentID }

    init(_ event: ShadowParityJudged, _ envelope: Envelope, isDrift: Bool?, at moment: Timestamp) {
        intentID = event.intentID
        decision = event.decisionHash
        revision = event.revision
        symbol = envelope.symbol ?? Symbol.blank
        account = envelope.account
        self.isDrift = isDrift
        madeAt = moment
    }

    public init(unread: Unread) {
        intentID = unread()
        decision = unread()
        symbol = unread()
        revision = unread()
        madeAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "Which.")
        try fields.field("decision", &decision, "From which decision.")
        try fields.field("symbol", &symbol, "Of what.")
        try fields.field("account", &account, "Whose.")
        try fields.field("is_drift", &isDrift, "Whether it is beyond the limit.")
        try fields.field("revision", &revision, "Which judgement.")
        try fields.field("made_at", &madeAt, "When it first said something.")
    }
}
