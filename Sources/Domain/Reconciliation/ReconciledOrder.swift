public import Core

/// One order as the reconciler knows it: what we were told of it, and what the broker answered when he was asked.
public struct ReconciledOrder: FieldRecord, Equatable {
    /// What it has moved so far: units held and money, signed.
    struct Moved: FieldRecord, Equatable {
        var qty = Amount.zero
        var money = Amount.zero

        init() {}
        init(unread: Unread) {}

        mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("qty", &qty, FieldNote("Units held, signed.", unit: "units"))
            try fields.field("money", &money, FieldNote("Money, signed.", unit: "currency"))
        }
    }

    /// By which way it went, as the router recorded it; no read ever changes it.
    public struct RouteTaken: FieldRecord, Equatable {
        public var adapter: Adapter
        public var expected: Adapter
        public var fallbackReason: Code?

        init(_ evidence: RouteEvidence) {
            adapter = evidence.executionAdapter
            expected = evidence.executionExpectedAdapter
            fallbackReason = evidence.executionFallbackReason
        }

        init(of adapter: Adapter) {
            self.adapter = adapter
            expected = adapter
        }

        public init(unread: Unread) {
            adapter = unread()
            expected = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("execution_adapter", &adapter, "Where it went.")
            try fields.field("execution_expected_adapter", &expected, "Where the policy had sent it.")
            try fields.field("execution_fallback_reason", &fallbackReason, "Why it went elsewhere.")
        }
    }

    /// Its place among all orders: the order they became known in.
    public internal(set) var number: Int64
    public internal(set) var account: AccountLabel
    public internal(set) var symbol: Symbol?
    public internal(set) var clientOrderID: ClientOrderID?
    public internal(set) var alpacaOrderID: BrokerOrderID?
    public internal(set) var decision: DecisionHash?
    public internal(set) var intent: IntentID?
    public internal(set) var story: StoryID?
    /// `nil` for an order that is not ours.
    public internal(set) var route: RouteTaken?
    public internal(set) var side: Side?
    public internal(set) var askedQty: Amount?
    public internal(set) var askedLimit: Amount?
    /// What the stream, and the answers to the router, say of it.
    public internal(set) var told = OrderLife()
    /// The largest sum that a word about a fill named; it counts where no execution was ever named.
    var filledByWord: Amount?
    public internal(set) var read: BrokerReading?
    public internal(set) var firstHeardAt: Timestamp
    /// When we were last told anything of it.
    public internal(set) var heardAt: Timestamp
    /// Whether it was shown already as an order from outside.
    var isShown = false
    var moved = Moved()
    /// When an order from outside was said to be over, because the broker has none such any more.
    var goneAt: Timestamp?

    init(_ number: Int64, _ account: AccountLabel, at moment: Timestamp) {
        self.number = number
        self.account = account
        firstHeardAt = moment
        heardAt = moment
    }

    public init(unread: Unread) {
        number = 0
        account = unread()
        firstHeardAt = unread()
        heardAt = unread()
    }

    public var isOurs: Bool { route != nil }
    /// Over, as far as anybody said.
    public var isEnded: Bool { told.isEnded || read?.isEnded ?? false || isGone }

    /// Said to be over, and not seen since.
    private var isGone: Bool {
        guard let goneAt, !isOurs else { return false }
        return heardAt <= goneAt && read.map { $0.observedAt <= goneAt } ?? true
    }

    /// When anything about it was last another thing than before.
    public var movedAt: Timestamp { max(heardAt, read?.changedAt ?? heardAt) }

    /// What the end of it was called, by whoever said so.
    public var lastStatus: OrderStatus? { read?.isEnded ?? false ? read?.status.status : told.status }

    /// What is open about it while the broker says that he has none such.
    var absenceKey: DiscrepancyKey { DiscrepancyKey(account, self, .missingAtBroker) }

    public var key: OrderKey {
        OrderKey(
            intentID: intent, decisionHash: decision, clientOrderID: clientOrderID, alpacaOrderID: alpacaOrderID)
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("number", &number, "Its place among all orders.")
        try fields.field("account_label", &account, "Whose account.")
        try fields.field("symbol", &symbol, "The symbol.")
        try fields.field("client_order_id", &clientOrderID, "The id it was sent with.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id.")
        try fields.field("decision_hash", &decision, "The decision it belongs to.")
        try fields.field("intent_id", &intent, "The intent it belongs to.")
        try fields.field("correlation_id", &story, "The story it is part of.")
        try fields.field("route", &route, "Which way it went.")
        try fields.field("side", &side, "Buy or sell.")
        try fields.field("asked_qty", &askedQty, FieldNote("What we asked for.", unit: "units"))
        try fields.field("asked_limit", &askedLimit, FieldNote("Our limit price.", unit: "currency per unit"))
        try fields.field("told", &told, "What we were told.")
        try fields.field(
            "filled_by_word", &filledByWord, FieldNote("The largest sum a word about a fill named.", unit: "units"))
        try fields.field("read", &read, "What the broker answered.")
        try fields.field("first_heard_at", &firstHeardAt, "When it became known.")
        try fields.field("heard_at", &heardAt, "When we were last told anything.")
        try fields.field("is_shown", &isShown, "Whether it was shown as from outside.")
        try fields.field("moved", &moved, "What it has moved so far.")
        try fields.field("gone_at", &goneAt, "When it was said to be over.")
    }
}

extension ReconciledOrder {
    mutating func name(_ client: ClientOrderID?, _ alpaca: BrokerOrderID?) {
        clientOrderID = clientOrderID ?? client
        alpacaOrderID = alpacaOrderID ?? alpaca
    }

    /// Takes in what was known of the same order under its other name.
    mutating func merge(_ other: ReconciledOrder) {
        symbol = symbol ?? other.symbol
        decision = decision ?? other.decision
        intent = intent ?? other.intent
        story = story ?? other.story
        route = route ?? other.route
        side = side ?? other.side
        askedQty = askedQty ?? other.askedQty
        askedLimit = askedLimit ?? other.askedLimit
        firstHeardAt = min(firstHeardAt, other.firstHeardAt)
        heardAt = max(heardAt, other.heardAt)
        told.merge(other.told)
        if let word = other.filledByWord { filledByWord = max(filledByWord ?? word, word) }
        if let reading = other.read { take(reading) }
        isShown = isShown || other.isShown
        goneAt = goneAt ?? other.goneAt
        // What the twin had moved was counted: from now on it is counted here.
        moved.qty = moved.qty.plus(other.moved.qty)
        moved.money = moved.money.plus(other.moved.money)
    }

    /// Answers only get younger.
    mutating func take(_ reading: BrokerReading) {
        var reading = reading
        if let read {
            guard read.observedAt < reading.observedAt else { return }
            if read.isSame(as: reading) { reading.changedAt = read.changedAt }
        }
        read = reading
    }
}
