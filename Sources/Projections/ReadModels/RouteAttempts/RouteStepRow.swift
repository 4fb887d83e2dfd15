internal import Core
internal import Domain
internal import Wire

/// One step of an intent through the adapters.
public struct RouteStepRow: StoredRow {
    public static let table = TableName(
        "route_steps", .transitions, "Every step of every intent through the adapters.")

    public var key = LogOffset()
    var eventID = EventID(high: 0, low: 0)
    var eventType = ""
    var account = AccountLabel.blank
    var symbol = Symbol.blank
    var names = Route.Names()
    var at = Moment.zero
    var nanoseconds: Int32 = 0
    var details = CompactJSON.emptyObject

    public init() {}

    init(_ route: Route, _ event: Event, _ scope: SymbolScope, at offset: Int64) {
        key = LogOffset(offset)
        eventID = event.envelope.eventID
        eventType = route.kind.rawValue
        account = scope.account
        symbol = scope.symbol
        names = route.names
        at = Moment(event.envelope.eventTime)
        nanoseconds = Moment.nanoseconds(of: event.envelope.eventTime)
        details = EventEncoder.payload(of: event)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("event_id", &eventID, "The event.")
        try columns.column("event_type", &eventType, "Its type.")
        try columns.text("alpaca_account_label", &account, "Whose account.")
        try columns.text("symbol", &symbol, "The symbol.")
        try columns.column("intent_id", &names.intent, "The intent.")
        try columns.text("decision_hash", &names.decision, "The decision behind it.")
        try columns.text("client_order_id", &names.client, "The id both routes use.")
        try columns.text("alpaca_order_id", &names.alpaca, "The broker's id.")
        try columns.column("attempt_id", &names.attemptID, "The attempt.")
        try columns.column("attempt", &names.attempt, "Its number within the intent.")
        try columns.column("event_ts", &at, "When it happened.")
        try columns.column("event_ts_ns", &nanoseconds, ColumnNote("What that leaves out.", unit: "nanoseconds"))
        try columns.column("details_json", &details, "The whole payload.")
    }
}

extension Route {
    /// The identities that an event of the family names.
    struct Names: Sendable, Equatable {
        var intent: IntentID?
        var decision: DecisionHash?
        var client: ClientOrderID?
        var alpaca: BrokerOrderID?
        var attemptID: AttemptID?
        var attempt: Int64?

        init() {}

        fileprivate init(_ key: AttemptKey, _ alpaca: BrokerOrderID? = nil) {
            intent = key.intentID
            decision = key.decisionHash
            client = key.clientOrderID
            self.alpaca = alpaca
            attemptID = key.attemptID
            attempt = key.attempt
        }

        fileprivate init(_ order: OrderKey) {
            intent = order.intentID
            decision = order.decisionHash
            client = order.clientOrderID
            alpaca = order.alpacaOrderID
        }

        fileprivate init(
            _ intent: IntentID, _ decision: DecisionHash, _ client: ClientOrderID, _ attempt: AttemptID? = nil
        ) {
            self.intent = intent
            self.decision = decision
            self.client = client
            attemptID = attempt
        }
    }

    /// The attempt an event belongs to, if it belongs to one.
    var attemptKey: AttemptKey? {
        switch self {
        case .attemptPrepared(let it): it.key
        case .attemptSent(let it): it.key
        case .attemptAccepted(let it): it.key
        case .attemptRejected(let it): it.key
        case .attemptUnknown(let it): it.key
        case .attemptResolved(let it): it.key
        case .fallbackDecided(let it): it.key
        default: nil
        }
    }

    var names: Names {
        switch self {
        case .attemptAccepted(let it): Names(it.key, it.alpacaOrderID)
        case .attemptResolved(let it): Names(it.key, it.alpacaOrderID)
        case .intentHeld(let it): Names(it.intentID, it.decisionHash, it.clientOrderID, it.attemptID)
        case .intentReleased(let it): Names(it.intentID, it.decisionHash, it.clientOrderID)
        case .intentWithdrawn(let it): Names(it.intentID, it.decisionHash, it.clientOrderID)
        case .cancelRequested(let it): Names(it.order)
        case .cancelConfirmed(let it): Names(it.order)
        case .cancelRefused(let it): Names(it.order)
        case .replaceRequested(let it): Names(it.order)
        case .replaceDone(let it): Names(it.order)
        case .replaceRefused(let it): Names(it.order)
        case .idsDiverged(let it): Names(it.order)
        case .attemptPrepared, .attemptSent, .attemptRejected, .attemptUnknown, .fallbackDecided:
            attemptKey.map { Names($0) } ?? Names()
        }
    }
}
