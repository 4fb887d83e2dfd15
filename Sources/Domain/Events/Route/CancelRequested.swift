public import Core

/// Somebody wants an order canceled.
public struct CancelRequested: Payload {
    @inlinable public static var type: EventType { .route(.cancelRequested) }

    public var order: OrderKey
    public var cancelID: EventID
    public var cancelReason: CancelReason
    public var executionAdapter: Adapter
    public var executionCorrelationID: CorrelationID
    public var actor: ActorName?
    public var reason: Prose?
    public var controlEventID: EventID?

    @inlinable
    public init(
        order: OrderKey, cancelID: EventID, cancelReason: CancelReason, executionAdapter: Adapter,
        executionCorrelationID: CorrelationID, actor: ActorName? = nil, reason: Prose? = nil,
        controlEventID: EventID? = nil
    ) {
        self.order = order
        self.cancelID = cancelID
        self.cancelReason = cancelReason
        self.executionAdapter = executionAdapter
        self.executionCorrelationID = executionCorrelationID
        self.actor = actor
        self.reason = reason
        self.controlEventID = controlEventID
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        cancelID = unread()
        cancelReason = unread()
        executionAdapter = unread()
        executionCorrelationID = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("cancel_id", &cancelID, "This request.")
        try fields.field("cancel_reason", &cancelReason, "Why.")
        try fields.field("execution_adapter", &executionAdapter, "Who is asked.")
        try fields.field("execution_correlation_id", &executionCorrelationID, "The X-Correlation-ID of the call.")
        try fields.field("actor", &actor, "Who asked.")
        try fields.field("reason", &reason, "In their words.")
        try fields.field("control_event_id", &controlEventID, "The control event behind it.")
    }
}
