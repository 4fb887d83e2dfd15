public import Core

/// One intent as the strategy lane knows it.
public struct EvaluatedIntent: FieldRecord {
    public internal(set) var account: AccountLabel
    public internal(set) var decision: DecisionHash
    /// `nil` until the intent is read, and when it has its answer: then nobody asks it again.
    public internal(set) var question: Question?
    public internal(set) var isAnswered = false
    /// What its evaluation counts for; `nil` while it has none.
    var evaluated: PromotionRecord.Name?
    /// What its real fill was last judged to be, and in which revision.
    var fill: ParityStatus?
    var fillRevision: Int64 = 0
    var heardAt: Timestamp

    init(_ account: AccountLabel, _ decision: DecisionHash, at moment: Timestamp) {
        self.account = account
        self.decision = decision
        heardAt = moment
    }

    public init(unread: Unread) {
        account = unread()
        decision = unread()
        heardAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("account_label", &account, "Whose account.")
        try fields.field("decision_hash", &decision, "The decision.")
        try fields.field("question", &question, "What is asked.")
        try fields.field("is_answered", &isAnswered, "Whether it was answered.")
        try fields.field("evaluated", &evaluated, "What its evaluation counts for.")
        try fields.field("fill", &fill, "What its fill was judged to be.")
        try fields.field("fill_revision", &fillRevision, "In which judgement.")
        try fields.field("heard_at", &heardAt, "When we last heard of it.")
    }

    /// What the runner is asked, and about which event.
    public struct Question: FieldRecord {
        public var eventID: EventID
        public var cause: Cause
        public var story: StoryID
        public var symbol: Symbol
        public var strategyID: StrategyID
        public var timeframe: Timeframe
        public var side: Side
        public var terms: OrderTerms
        public var notional: Amount?
        /// What the strategy saw.
        public var params: CompactJSON?
        public var decidedAt: Timestamp
        public var emittedAt: Timestamp

        init(_ intent: IntentEmitted, _ envelope: Envelope, _ symbol: Symbol, at cause: Cause) {
            eventID = envelope.eventID
            self.cause = cause
            story = envelope.correlation
            self.symbol = symbol
            strategyID = intent.strategyID
            timeframe = intent.timeframe
            side = intent.side
            terms = intent.terms
            notional = intent.intentNotional
            params = intent.params
            decidedAt = envelope.eventTime
            emittedAt = envelope.ingestTime
        }

        public init(unread: Unread) {
            eventID = unread()
            cause = unread()
            story = unread()
            symbol = unread()
            strategyID = unread()
            timeframe = unread()
            side = unread()
            terms = unread()
            decidedAt = unread()
            emittedAt = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("event_id", &eventID, "The intent's event.")
            try fields.field("cause", &cause, "Where that lies.")
            try fields.field("story", &story, "The story.")
            try fields.field("symbol", &symbol, "The symbol.")
            try fields.field("strategy_id", &strategyID, "Whose intent it is.")
            try fields.field("timeframe", &timeframe, "The bars it decided on.")
            try fields.field("side", &side, "Buy or sell.")
            try terms.walk(&fields)
            try fields.field("intent_notional", &notional, "Quantity times price.")
            try fields.field("params", &params, "What the strategy saw.")
            try fields.field("decided_at", &decidedAt, "When it was decided.")
            try fields.field("emitted_at", &emittedAt, "When it was emitted.")
        }
    }
}
