public import Core

/// Somebody wants other terms for a working order.
public struct ReplaceRequested: Payload {
    @inlinable public static var type: EventType { .route(.replaceRequested) }

    public var order: OrderKey
    public var replaceID: EventID
    public var newClientOrderID: ClientOrderID
    public var side: Side
    public var terms: OrderTerms
    public var executionAdapter: Adapter
    public var executionCorrelationID: CorrelationID
    public var deadline: Timestamp
    public var ownerEpoch: Int64
    public var actor: ActorName?
    public var reason: Prose?

    @inlinable
    public init(
        order: OrderKey, replaceID: EventID, newClientOrderID: ClientOrderID, side: Side, terms: OrderTerms,
        executionAdapter: Adapter, executionCorrelationID: CorrelationID, deadline: Timestamp, ownerEpoch: Int64,
        actor: ActorName? = nil, reason: Prose? = nil
    ) {
        self.order = order
        self.replaceID = replaceID
        self.newClientOrderID = newClientOrderID
        self.side = side
        self.terms = terms
        self.executionAdapter = executionAdapter
        self.executionCorrelationID = executionCorrelationID
        self.deadline = deadline
        self.ownerEpoch = ownerEpoch
        self.actor = actor
        self.reason = reason
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        replaceID = unread()
        newClientOrderID = unread()
        side = unread()
        terms = unread()
        executionAdapter = unread()
        executionCorrelationID = unread()
        deadline = unread()
        ownerEpoch = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("replace_id", &replaceID, "This request.")
        try fields.field("new_client_order_id", &newClientOrderID, "The id of the order to come: <hash>-r1, -r2, ….")
        try fields.field("side", &side, "Buy or sell.")
        try terms.walk(&fields)
        try fields.field("execution_adapter", &executionAdapter, "Who is asked.")
        try fields.field("execution_correlation_id", &executionCorrelationID, "The X-Correlation-ID of the call.")
        try fields.field("deadline", &deadline, "Not called at the broker after it.")
        try fields.field("owner_epoch", &ownerEpoch, "Whose request it is.")
        try fields.field("actor", &actor, "Who asked.")
        try fields.field("reason", &reason, "In their words.")
    }
}
