public import Core

/// A named operator vouches for something.
public struct OverrideGranted: Payload {
    @inlinable public static var type: EventType { .control(.overrideGranted) }

    public var order: ControlOrder
    public var kind: OverrideKind
    public var intentID: IntentID?
    public var attemptID: AttemptID?
    public var clientOrderID: ClientOrderID?
    public var adapter: Adapter?
    public var alpacaOrderID: BrokerOrderID?
    public var expiresAt: Timestamp?
    public var evidence: CompactJSON?

    @inlinable
    public init(
        order: ControlOrder, kind: OverrideKind, intentID: IntentID? = nil, attemptID: AttemptID? = nil,
        clientOrderID: ClientOrderID? = nil, adapter: Adapter? = nil, alpacaOrderID: BrokerOrderID? = nil,
        expiresAt: Timestamp? = nil, evidence: CompactJSON? = nil
    ) {
        self.order = order
        self.kind = kind
        self.intentID = intentID
        self.attemptID = attemptID
        self.clientOrderID = clientOrderID
        self.adapter = adapter
        self.alpacaOrderID = alpacaOrderID
        self.expiresAt = expiresAt
        self.evidence = evidence
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        kind = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("kind", &kind, "For what.")
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("attempt_id", &attemptID, "The attempt.")
        try fields.field("client_order_id", &clientOrderID, "The order.")
        try fields.field("adapter", &adapter, "The adapter.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id, when it is live.")
        try fields.field("expires_at", &expiresAt, "When it ends.")
        try fields.field("evidence", &evidence, "What the operator saw.")
    }
}
