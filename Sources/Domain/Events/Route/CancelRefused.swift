public import Core

/// The broker did not cancel.
public struct CancelRefused: Payload {
    @inlinable public static var type: EventType { .route(.cancelRefused) }

    public var order: OrderKey
    public var cancelID: EventID
    public var executionAdapter: Adapter
    public var status: BrokerWord?
    public var failureTaxonomy: FailureTaxonomy
    public var isFinal: Bool
    public var reply: AdapterReply

    @inlinable
    public init(
        order: OrderKey, cancelID: EventID, executionAdapter: Adapter, status: BrokerWord? = nil,
        failureTaxonomy: FailureTaxonomy, isFinal: Bool, reply: AdapterReply
    ) {
        self.order = order
        self.cancelID = cancelID
        self.executionAdapter = executionAdapter
        self.status = status
        self.failureTaxonomy = failureTaxonomy
        self.isFinal = isFinal
        self.reply = reply
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        cancelID = unread()
        executionAdapter = unread()
        failureTaxonomy = unread()
        isFinal = unread()
        reply = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("cancel_id", &cancelID, "The request.")
        try fields.field("execution_adapter", &executionAdapter, "Who refused.")
        try fields.field("status", &status, "The order's status.")
        try fields.field("failure_taxonomy", &failureTaxonomy, "How it failed.")
        try fields.field("final", &isFinal, "Whether asking again is pointless.")
        try reply.walk(&fields)
    }
}
