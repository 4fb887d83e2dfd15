public import Core

/// One live intent as the shadow lane knows it: what was asked for, what the runner answered, and what became of it.
///
/// The broker may tell of its order before the intent is read: then only the orders are known.
public struct ShadowedIntent: FieldRecord {
    public internal(set) var account: AccountLabel
    public internal(set) var decision: DecisionHash
    public internal(set) var question: Question?
    public internal(set) var answer: Answer?
    public internal(set) var judgement: Judged?
    /// The route that took it.
    public internal(set) var adapter: Adapter?
    public internal(set) var orders: [ShadowedOrder] = []
    /// It was refused or withdrawn: unless an order shows after all, there is none.
    public internal(set) var isRefused = false
    public internal(set) var heardAt: Timestamp

    static let maximumOrders = 64

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
        try fields.field("question", &question, "What was asked for.")
        try fields.field("answer", &answer, "What was answered.")
        try fields.field("judgement", &judgement, "What came of it.")
        try fields.field("execution_adapter", &adapter, "The route that took it.")
        try fields.list("orders", &orders, 0...Self.maximumOrders, "Its orders.")
        try fields.field("is_refused", &isRefused, "Whether it was refused or withdrawn.")
        try fields.field("heard_at", &heardAt, "When we last heard of it.")
    }

    /// A further order of one intent takes no room beyond the limit; nobody replaces an order so often.
    mutating func change(
        _ client: ClientOrderID?, _ alpaca: BrokerOrderID?, _ change: (inout OrderLife) -> Void
    ) {
        let named = orders.indices.filter { orders[$0].isNamed(client, alpaca) }
        let known = named.first
        if known == nil, orders.count == Self.maximumOrders { return }
        // Each was told of under one of the names alone: now it shows that they are one order.
        for other in named.dropFirst().reversed() {
            let same = orders.remove(at: other)
            orders[named[0]].merge(same)
        }
        let index = known ?? orders.count
        if known == nil { orders.append(ShadowedOrder(client, alpaca)) }
        orders[index].name(client, alpaca)
        change(&orders[index].life)
    }

    /// Nothing more happens under any of its ids: the last order of the chain is over.
    var isEnded: Bool {
        if orders.isEmpty { return isRefused }
        return orders.allSatisfy(\.life.isEnded) && orders.contains { $0.life.status != .replaced }
    }
}

extension ShadowedIntent {
    /// Whether the broker has an order of it that may still be filled.
    var isOpen: Bool { orders.contains { !$0.life.isEnded } }

    /// What the runner is asked, and about which event.
    public struct Question: FieldRecord {
        public var intentID: IntentID
        public var eventID: EventID
        public var cause: Cause
        public var story: StoryID
        public var symbol: Symbol
        public var strategyID: StrategyID
        public var side: Side
        public var terms: OrderTerms
        public var price: Amount?
        public var notional: Amount?
        public var quote: ReferenceQuote?
        /// When it was decided: no later quote counts.
        public var decidedAt: Timestamp
        public var emittedAt: Timestamp

        init(_ intent: IntentEmitted, _ envelope: Envelope, _ symbol: Symbol, at cause: Cause) {
            intentID = intent.intentID
            eventID = envelope.eventID
            self.cause = cause
            story = envelope.correlation
            self.symbol = symbol
            strategyID = intent.strategyID
            side = intent.side
            terms = intent.terms
            price = intent.arrivalPrice
            notional = intent.intentNotional
            quote = intent.referenceQuote
            decidedAt = envelope.eventTime
            emittedAt = envelope.ingestTime
        }

        public init(unread: Unread) {
            intentID = unread()
            eventID = unread()
            cause = unread()
            story = unread()
            symbol = unread()
            strategyID = unread()
            side = unread()
            terms = unread()
            decidedAt = unread()
            emittedAt = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("intent_id", &intentID, "The intent.")
            try fields.field("event_id", &eventID, "Its event.")
            try fields.field("cause", &cause, "Where that lies.")
            try fields.field("story", &story, "The story.")
            try fields.field("symbol", &symbol, "The symbol.")
            try fields.field("strategy_id", &strategyID, "Whose intent it is.")
            try fields.field("side", &side, "Buy or sell.")
            try terms.walk(&fields)
            try fields.field("price", &price, "Its price.")
            try fields.field("intent_notional", &notional, "Quantity times that price.")
            try fields.field("reference_quote", &quote, "The quote it was decided on.")
            try fields.field("decided_at", &decidedAt, "When it was decided.")
            try fields.field("emitted_at", &emittedAt, "When it was emitted.")
        }
    }

    /// What the log says of the simulation.
    public struct Answer: FieldRecord {
        public var eventID: EventID
        /// `nil` when the simulation filled nothing, or failed.
        public var price: Amount?
        /// Whether a real fill can be held against it.
        public var isEvidence: Bool

        init(_ eventID: EventID, price: Amount?, isEvidence: Bool) {
            self.eventID = eventID
            self.price = price
            self.isEvidence = isEvidence
        }

        public init(unread: Unread) {
            eventID = unread()
            isEvidence = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("event_id", &eventID, "Which event.")
            try fields.field("price", &price, "The simulated price.")
            try fields.field("is_evidence", &isEvidence, "Whether it can be judged by.")
        }
    }

    /// The last judgement.
    public struct Judged: FieldRecord {
        public var eventID: EventID
        public var revision: Int64
        public var status: ParityStatus
        public var filledQty: Amount
        public var price: Amount?

        init(_ eventID: EventID, _ event: ShadowParityJudged) {
            self.eventID = eventID
            revision = event.revision
            status = event.parityStatus
            filledQty = event.filledQty
            price = event.actualFillPrice
        }

        public init(unread: Unread) {
            eventID = unread()
            revision = unread()
            status = unread()
            filledQty = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("event_id", &eventID, "Which event.")
            try fields.field("revision", &revision, "Which judgement it is.")
            try fields.field("parity_status", &status, "What it said.")
            try fields.field("filled_qty", &filledQty, "Of how much.")
            try fields.field("actual_fill_price", &price, "At what price.")
        }
    }
}
