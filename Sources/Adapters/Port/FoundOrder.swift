public import Core
public import Domain

/// An order as a broker describes it.
public struct FoundOrder: Sendable, Equatable {
    public var id: BrokerOrderID
    public var clientOrderID: ClientOrderID?
    public var symbol: Symbol
    public var side: Side?
    public var status: OrderStatus
    public var qty: Amount?
    public var notional: Amount?
    public var orderType: OrderType?
    public var timeInForce: TimeInForce?
    public var limitPrice: Amount?
    public var stopPrice: Amount?
    public var filledQty: Amount?
    public var filledAvgPrice: Amount?
    public var submittedAt: Timestamp?
    /// When the broker last changed it.
    public var updatedAt: Timestamp?
    public var replaces: BrokerOrderID?
    public var replacedBy: BrokerOrderID?
    /// Whether a runner repeated an earlier answer.
    public var idempotentReplay: Bool?
    /// The runner's own account of the call.
    public var audit: CompactJSON?
    public var raw: CompactJSON

    public init(
        id: BrokerOrderID, clientOrderID: ClientOrderID? = nil, symbol: Symbol, side: Side? = nil, status: OrderStatus,
        qty: Amount? = nil, notional: Amount? = nil, orderType: OrderType? = nil, timeInForce: TimeInForce? = nil,
        limitPrice: Amount? = nil, stopPrice: Amount? = nil, filledQty: Amount? = nil, filledAvgPrice: Amount? = nil,
        submittedAt: Timestamp? = nil, updatedAt: Timestamp? = nil, replaces: BrokerOrderID? = nil,
        replacedBy: BrokerOrderID? = nil,
        idempotentReplay: Bool? = nil, audit: CompactJSON? = nil, raw: CompactJSON = .emptyObject
    ) {
        self.id = id
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.status = status
        self.qty = qty
        self.notional = notional
        self.orderType = orderType
        self.timeInForce = timeInForce
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.filledQty = filledQty
        self.filledAvgPrice = filledAvgPrice
        self.submittedAt = submittedAt
        self.updatedAt = updatedAt
        self.replaces = replaces
        self.replacedBy = replacedBy
        self.idempotentReplay = idempotentReplay
        self.audit = audit
        self.raw = raw
    }
}
