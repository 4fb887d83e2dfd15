public import Core

/// One attempt to bring an order to an adapter.
public struct RouteAttempt: FieldRecord {
    public var attemptID: AttemptID
    public var number: Int64
    public var adapter: Adapter
    public var clientOrderID: ClientOrderID
    public var terms: OrderTerms
    public var evidence: RouteEvidence
    public var preparedAt: Timestamp
    public var deadline: Timestamp
    public var ownerEpoch: Int64
    /// How far control had been read: everything before this offset.
    public var controlPosition: Int64
    public var unknownSince: Timestamp?
    public var taxonomy: FailureTaxonomy?
    public var httpStatus: Int64?
    public var latencyMicroseconds: Int64?
    /// Why it cannot be live.
    public var proof: Proof?

    init(_ event: AttemptPrepared, at moment: Timestamp) {
        attemptID = event.key.attemptID
        number = event.key.attempt
        adapter = event.evidence.executionAdapter
        clientOrderID = event.key.clientOrderID
        terms = event.terms
        evidence = event.evidence
        preparedAt = moment
        deadline = event.deadline
        ownerEpoch = event.ownerEpoch
        controlPosition = event.controlPosition?.offset ?? 0
    }

    public init(unread: Unread) {
        attemptID = unread()
        number = unread()
        adapter = unread()
        clientOrderID = unread()
        terms = unread()
        evidence = unread()
        preparedAt = unread()
        deadline = unread()
        ownerEpoch = unread()
        controlPosition = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("attempt_id", &attemptID, "Which.")
        try fields.field("number", &number, "Its number.")
        try fields.field("adapter", &adapter, "By which adapter.")
        try fields.field("client_order_id", &clientOrderID, "Under which id.")
        try fields.field("terms", &terms, "What was asked.")
        try fields.field("evidence", &evidence, "Which way it was to go.")
        try fields.field("prepared_at", &preparedAt, "When it was prepared.")
        try fields.field("deadline", &deadline, "Until when the runner may call.")
        try fields.field("owner_epoch", &ownerEpoch, "Whose it is.")
        try fields.field("control_position", &controlPosition, "How far control had been read.")
        try fields.field("unknown_since", &unknownSince, "Since when nobody knows.")
        try fields.field("taxonomy", &taxonomy, "How it failed.")
        try fields.field("http_status", &httpStatus, "The answer's status.")
        try fields.field("latency", &latencyMicroseconds, "How long the call took.")
        try fields.field("proof", &proof, "Why it cannot be live.")
    }
}

/// Why an intent waits.
public struct Hold: FieldRecord {
    public var reason: HoldReason
    public var since: Timestamp
    /// Whether it lasts longer than it should, which was said.
    public var isExceeded: Bool

    init(reason: HoldReason, since: Timestamp, isExceeded: Bool) {
        self.reason = reason
        self.since = since
        self.isExceeded = isExceeded
    }

    public init(unread: Unread) {
        reason = unread()
        since = unread()
        isExceeded = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("reason", &reason, "Why.")
        try fields.field("since", &since, "Since when.")
        try fields.field("is_exceeded", &isExceeded, "Too long.")
    }
}

/// The order that the broker has.
public struct BrokerOrder: FieldRecord {
    public var alpacaOrderID: BrokerOrderID
    public var clientOrderID: ClientOrderID
    public var adapter: Adapter
    public var qty: Amount?
    public var status: BrokerWord
    public var filledQty: Amount?

    init(
        alpacaOrderID: BrokerOrderID, clientOrderID: ClientOrderID, adapter: Adapter, qty: Amount?,
        status: BrokerWord, filledQty: Amount?
    ) {
        self.alpacaOrderID = alpacaOrderID
        self.clientOrderID = clientOrderID
        self.adapter = adapter
        self.qty = qty
        self.status = status
        self.filledQty = filledQty
    }

    public init(unread: Unread) {
        alpacaOrderID = unread()
        clientOrderID = unread()
        adapter = unread()
        status = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id.")
        try fields.field("client_order_id", &clientOrderID, "Ours.")
        try fields.field("adapter", &adapter, "By which adapter it came.")
        try fields.field("qty", &qty, "How much.")
        try fields.field("status", &status, "Its status.")
        try fields.field("filled_qty", &filledQty, "Filled so far.")
    }
}

/// An order as the broker's stream or list showed it.
public struct SeenOrder: FieldRecord {
    public var alpacaOrderID: BrokerOrderID
    public var clientOrderID: ClientOrderID?
    public var status: BrokerWord
    public var filledQty: Amount?

    init(
        alpacaOrderID: BrokerOrderID, clientOrderID: ClientOrderID?, status: BrokerWord, filledQty: Amount?
    ) {
        self.alpacaOrderID = alpacaOrderID
        self.clientOrderID = clientOrderID
        self.status = status
        self.filledQty = filledQty
    }

    init?(_ update: OrderUpdate) {
        guard let alpacaOrderID = update.alpacaOrderID, let status = update.status else { return nil }
        self.alpacaOrderID = alpacaOrderID
        clientOrderID = update.clientOrderID
        self.status = status
        filledQty = update.filledQty
    }

    public init(unread: Unread) {
        alpacaOrderID = unread()
        status = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id.")
        try fields.field("client_order_id", &clientOrderID, "Ours.")
        try fields.field("status", &status, "Its status.")
        try fields.field("filled_qty", &filledQty, "Filled so far.")
    }
}

/// A cancellation that was asked for and is not confirmed.
public struct Cancel: FieldRecord {
    public var cancelID: EventID
    public var number: Int64
    public var reason: CancelReason
    public var alpacaOrderID: BrokerOrderID
    public var adapter: Adapter
    public var requestedAt: Timestamp
    /// What wanted it: a request for the order that takes this one's place names the same.
    public var controlEvent: EventID?
    public var actor: ActorName?

    init(_ event: CancelRequested, order: BrokerOrderID, number: Int64, at moment: Timestamp) {
        cancelID = event.cancelID
        self.number = number
        reason = event.cancelReason
        alpacaOrderID = order
        adapter = event.executionAdapter
        requestedAt = moment
        controlEvent = event.controlEventID
        actor = event.actor
    }

    public init(unread: Unread) {
        cancelID = unread()
        number = unread()
        reason = unread()
        alpacaOrderID = unread()
        adapter = unread()
        requestedAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("cancel_id", &cancelID, "Which.")
        try fields.field("number", &number, "Its number.")
        try fields.field("reason", &reason, "Why.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "Which order.")
        try fields.field("adapter", &adapter, "By which adapter it came.")
        try fields.field("requested_at", &requestedAt, "When.")
        try fields.field("control_event", &controlEvent, "What wanted it.")
        try fields.field("actor", &actor, "Who wanted it.")
    }
}
