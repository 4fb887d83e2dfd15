public import Core

/// The broker says the order is canceled.
public struct CancelConfirmed: Payload {
    @inlinable public static var type: EventType { .route(.cancelConfirmed) }

    public var order: OrderKey
    public var cancelID: EventID
    public var executionAdapter: Adapter
    public var status: BrokerWord
    public var filledQty: Amount?
    public var confirmedBy: EvidenceKind
    public var canceledAt: Timestamp?
    public var reply: AdapterReply

    @inlinable
    public init(
        order: OrderKey, cancelID: EventID, executionAdapter: Adapter, status: BrokerWord, filledQty: Amount? = nil,
        confirmedBy: EvidenceKind, canceledAt: Timestamp? = nil, reply: AdapterReply
    ) {
        self.order = order
        self.cancelID = cancelID
        self.executionAdapter = executionAdapter
        self.status = status
        self.filledQty = filledQty
        self.confirmedBy = confirmedBy
        self.canceledAt = canceledAt
        self.reply = reply
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        cancelID = unread()
        executionAdapter = unread()
        status = unread()
        confirmedBy = unread()
        reply = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("cancel_id", &cancelID, "The request.")
        try fields.field("execution_adapter", &executionAdapter, "Who said so.")
        try fields.field("status", &status, "The order's status.")
        try fields.field("filled_qty", &filledQty, FieldNote("What had been filled.", unit: "units"))
        try fields.field("confirmed_by", &confirmedBy, "How we know.")
        try fields.field("canceled_at", &canceledAt, "When it was.")
        try reply.walk(&fields)
    }
}
