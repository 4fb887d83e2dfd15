public import Core

/// One intent on its way: what was asked, and how far it got.
///
/// Wholly a fold of the log.
public struct RoutedIntent: FieldRecord {
    public enum Phase: String, Word {
        public static let words = WordTable<Phase>()

        case waiting
        case attempting
        case unknown
        case refused
        case working
        case over

        public var meaning: String {
            switch self {
            case .waiting: "Nothing was prepared yet."
            case .attempting: "An attempt is prepared and has no outcome."
            case .unknown: "Nothing proves what became of the attempt."
            case .refused: "The attempt is proved not live, and another adapter may try."
            case .working: "The broker has the order."
            case .over: "Nothing more will be sent."
            }
        }
    }

    /// Its place among all intents: the order they came in.
    public var number: Int64
    public var intentID: IntentID
    public var decision: DecisionHash
    public var clientOrderID: ClientOrderID
    public var strategy: StrategyID
    public var account: AccountLabel
    public var symbol: Symbol
    public var correlation: StoryID
    public var eventID: EventID
    public var cause: Cause
    public var side: Side
    public var terms: OrderTerms
    public var expected: Adapter
    public var fallback: Adapter?
    public var expiresAt: Timestamp
    /// How far control had been read when it was judged: a router that has read less does not know enough to send.
    public var judgedAt: Int64

    public var phase: Phase
    public var attempts: Int64
    public var fallbacks: Int64
    public var replaces: Int64
    public var cancels: Int64
    /// The last attempt to submit.
    public var attempt: RouteAttempt?
    /// The attempt to replace that has no outcome.
    public var replacement: RouteAttempt?
    /// The replacement that was asked for last, and the one that the attempt is for.
    public var wantedReplaceID: EventID?
    public var replacementID: EventID?
    public var hold: Hold?
    public var order: BrokerOrder?
    public var cancel: Cancel?
    /// What the broker showed for an attempt whose outcome is not known here.
    public var seen: SeenOrder?
    /// Orders under our id that should not be there, in the order in which they were seen.
    public var strays: [SeenOrder] = []
    /// Those of them that were named.
    public var diverged: [BrokerOrderID] = []
    public var overAt: Timestamp?

    public var isOpen: Bool { phase != .over || replacement != nil || cancel != nil || !strays.isEmpty }

    /// More at once of one intent are not remembered.
    public static let maximumStrays = 64

    init(_ intent: IntentEmitted, _ envelope: Envelope, at cause: Cause, number: Int64) {
        self.number = number
        intentID = intent.intentID
        decision = intent.decisionHash
        clientOrderID = intent.clientOrderID
        strategy = intent.strategyID
        account = envelope.account ?? .blank
        symbol = envelope.symbol ?? .blank
        correlation = envelope.correlation
        eventID = envelope.eventID
        self.cause = cause
        side = intent.side
        terms = intent.terms
        expected = intent.executionExpectedAdapter
        fallback = intent.executionFallbackAdapter
        expiresAt = intent.expiresAt ?? envelope.ingestTime
        judgedAt = intent.judgement.judgedAt.first { $0.topic.text == TopicCatalog.control.name }?.offset ?? 0
        phase = .waiting
        (attempts, fallbacks, replaces, cancels) = (0, 0, 0, 0)
    }

    public init(unread: Unread) {
        number = unread()
        intentID = unread()
        decision = unread()
        clientOrderID = unread()
        strategy = unread()
        account = unread()
        symbol = unread()
        correlation = unread()
        eventID = unread()
        cause = unread()
        side = unread()
        terms = unread()
        expected = unread()
        expiresAt = unread()
        judgedAt = unread()
        phase = unread()
        attempts = unread()
        fallbacks = unread()
        replaces = unread()
        cancels = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("number", &number, "Its place.")
        try fields.field("intent_id", &intentID, "Which.")
        try fields.field("decision", &decision, "From which decision.")
        try fields.field("client_order_id", &clientOrderID, "Its id on every route.")
        try fields.field("strategy", &strategy, "Whose.")
        try fields.field("account", &account, "For which account.")
        try fields.field("symbol", &symbol, "Of what.")
        try fields.field("correlation", &correlation, "Which story.")
        try fields.field("event_id", &eventID, "Which event.")
        try fields.field("cause", &cause, "Where it lies.")
        try fields.field("side", &side, "Buy or sell.")
        try fields.field("terms", &terms, "What is asked.")
        try fields.field("expected", &expected, "Where the policy sent it.")
        try fields.field("fallback", &fallback, "Where it may go then.")
        try fields.field("expires_at", &expiresAt, "When it is too old.")
        try fields.field("judged_at", &judgedAt, "How far control had been read.")
        try fields.field("phase", &phase, "How far it got.")
        try fields.field("attempts", &attempts, "Attempts so far.")
        try fields.field("fallbacks", &fallbacks, "Fallbacks so far.")
        try fields.field("replaces", &replaces, "Replacements so far.")
        try fields.field("cancels", &cancels, "Cancellations so far.")
        try fields.field("attempt", &attempt, "The last attempt.")
        try fields.field("replacement", &replacement, "The replacement on its way.")
        try fields.field("wanted_replace_id", &wantedReplaceID, "The last replacement asked for.")
        try fields.field("replacement_id", &replacementID, "The replacement on its way.")
        try fields.field("hold", &hold, "Why it waits.")
        try fields.field("order", &order, "The broker's order.")
        try fields.field("cancel", &cancel, "The cancellation on its way.")
        try fields.field("seen", &seen, "What was seen.")
        try fields.list("strays", &strays, 0...Self.maximumStrays, "What should not be there.")
        try fields.list("diverged", &diverged, 0...Self.maximumStrays, "The order ids that diverged.")
        try fields.field("over_at", &overAt, "When it was over.")
    }
}

extension RoutedIntent {
    /// Whether the broker's stream showed the order of this attempt.
    func isSeen(_ attempt: RouteAttempt) -> Bool { seen?.clientOrderID == attempt.clientOrderID }
}
