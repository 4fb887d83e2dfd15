public import Core

/// The adapter has the order.
public struct AttemptAccepted: Payload {
    @inlinable public static var type: EventType { .route(.attemptAccepted) }

    public var key: AttemptKey
    public var evidence: RouteEvidence
    public var executionRoute: ExecutionRoute
    public var routeMarker: RouteMarker
    public var alpacaOrderID: BrokerOrderID
    public var status: OrderStatus
    public var side: Side
    public var terms: OrderTerms
    public var filledQty: Amount?
    public var filledAvgPrice: Amount?
    public var submittedAt: Timestamp?
    public var idempotentReplay: Bool?
    public var parityCheck: Code?
    public var reply: AdapterReply
    public var rawOrder: CompactJSON

    @inlinable
    public init(
        key: AttemptKey, evidence: RouteEvidence, executionRoute: ExecutionRoute, routeMarker: RouteMarker,
        alpacaOrderID: BrokerOrderID, status: OrderStatus, side: Side, terms: OrderTerms, filledQty: Amount? = nil,
        filledAvgPrice: Amount? = nil, submittedAt: Timestamp? = nil, idempotentReplay: Bool? = nil,
        parityCheck: Code? = nil, reply: AdapterReply, rawOrder: CompactJSON
    ) {
        self.key = key
        self.evidence = evidence
        self.executionRoute = executionRoute
        self.routeMarker = routeMarker
        self.alpacaOrderID = alpacaOrderID
        self.status = status
        self.side = side
        self.terms = terms
        self.filledQty = filledQty
        self.filledAvgPrice = filledAvgPrice
        self.submittedAt = submittedAt
        self.idempotentReplay = idempotentReplay
        self.parityCheck = parityCheck
        self.reply = reply
        self.rawOrder = rawOrder
    }

    @inlinable
    public init(unread: Unread) {
        key = unread()
        evidence = unread()
        executionRoute = unread()
        routeMarker = unread()
        alpacaOrderID = unread()
        status = unread()
        side = unread()
        terms = unread()
        reply = unread()
        rawOrder = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&fields)
        try evidence.walk(&fields)
        try fields.field("execution_route", &executionRoute, "The way it went.")
        try fields.field("_execution_adapter", &routeMarker, "The original's marker.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id.")
        try fields.field("status", &status, "The order's status in the reply.")
        try fields.field("side", &side, "Buy or sell.")
        try terms.walk(&fields)
        try fields.field("filled_qty", &filledQty, FieldNote("Filled at once.", unit: "units"))
        try fields.field("filled_avg_price", &filledAvgPrice, FieldNote("At this price.", unit: "currency per unit"))
        try fields.field("submitted_at", &submittedAt, "When the broker took it.")
        try fields.field("idempotent_replay", &idempotentReplay, "Whether the runner repeated an earlier answer.")
        try fields.field(
            "_execution_parity_check", &parityCheck,
            FieldNote("Which contract the reply was held against.", example: "contract_v1"))
        try reply.walk(&fields)
        try fields.field("raw_order", &rawOrder, "The order as the adapter sent it.")
    }
}
