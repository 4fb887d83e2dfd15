public import Core

/// An attempt is durable before its first byte goes out.
public struct AttemptPrepared: Payload {
    @inlinable public static var type: EventType { .route(.attemptPrepared) }

    public var key: AttemptKey
    public var evidence: RouteEvidence
    public var operation: RouteOperation
    public var replacesClientOrderID: ClientOrderID?
    public var strategyID: StrategyID?
    public var side: Side
    public var terms: OrderTerms
    public var requestHash: ContentHash
    public var deadline: Timestamp
    public var ownerEpoch: Int64
    public var controlPosition: LogPosition?
    public var controlSeenAt: Timestamp?
    public var tradingMode: TradingMode
    public var policyHash: ContentHash
    public var address: Address?

    @inlinable
    public init(
        key: AttemptKey, evidence: RouteEvidence, operation: RouteOperation,
        replacesClientOrderID: ClientOrderID? = nil, strategyID: StrategyID? = nil, side: Side, terms: OrderTerms,
        requestHash: ContentHash, deadline: Timestamp, ownerEpoch: Int64, controlPosition: LogPosition? = nil,
        controlSeenAt: Timestamp? = nil, tradingMode: TradingMode, policyHash: ContentHash, address: Address? = nil
    ) {
        self.key = key
        self.evidence = evidence
        self.operation = operation
        self.replacesClientOrderID = replacesClientOrderID
        self.strategyID = strategyID
        self.side = side
        self.terms = terms
        self.requestHash = requestHash
        self.deadline = deadline
        self.ownerEpoch = ownerEpoch
        self.controlPosition = controlPosition
        self.controlSeenAt = controlSeenAt
        self.tradingMode = tradingMode
        self.policyHash = policyHash
        self.address = address
    }

    @inlinable
    public init(unread: Unread) {
        key = unread()
        evidence = unread()
        operation = unread()
        side = unread()
        terms = unread()
        requestHash = unread()
        deadline = unread()
        ownerEpoch = unread()
        tradingMode = unread()
        policyHash = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&fields)
        try evidence.walk(&fields)
        try fields.field("operation", &operation, "Submit or replace.")
        try fields.field("replaces_client_order_id", &replacesClientOrderID, "The order that is replaced.")
        try fields.field("strategy_id", &strategyID, "The strategy.")
        try fields.field("side", &side, "Buy or sell.")
        try terms.walk(&fields)
        try fields.field("request_hash", &requestHash, "The body that is sent.")
        try fields.field("deadline", &deadline, "The X-Torghut-Deadline: not called at the broker after it.")
        try fields.field("owner_epoch", &ownerEpoch, "The X-Torghut-Epoch: whose attempt it is.")
        try fields.field("control_position", &controlPosition, "How far control had been read.")
        try fields.field("control_seen_at", &controlSeenAt, "When that was proved fresh.")
        try fields.field("trading_mode", &tradingMode, "Paper or live.")
        try fields.field("policy_hash", &policyHash, "The policy in force.")
        try fields.field("address", &address, "Where it is sent.")
    }
}
