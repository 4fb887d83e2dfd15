/// The order keeps its terms, or nobody knows.
public struct ReplaceRefused: Payload {
    @inlinable public static var type: EventType { .route(.replaceRefused) }

    public var order: OrderKey
    public var replaceID: EventID
    public var executionAdapter: Adapter
    public var failureTaxonomy: FailureTaxonomy
    public var proved: Bool
    public var reply: AdapterReply

    @inlinable
    public init(
        order: OrderKey, replaceID: EventID, executionAdapter: Adapter, failureTaxonomy: FailureTaxonomy, proved: Bool,
        reply: AdapterReply
    ) {
        self.order = order
        self.replaceID = replaceID
        self.executionAdapter = executionAdapter
        self.failureTaxonomy = failureTaxonomy
        self.proved = proved
        self.reply = reply
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        replaceID = unread()
        executionAdapter = unread()
        failureTaxonomy = unread()
        proved = unread()
        reply = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("replace_id", &replaceID, "The request.")
        try fields.field("execution_adapter", &executionAdapter, "Who refused.")
        try fields.field("failure_taxonomy", &failureTaxonomy, "How it failed.")
        try fields.field("proved", &proved, "Whether it is proved that the new order is not live.")
        try reply.walk(&fields)
    }
}
