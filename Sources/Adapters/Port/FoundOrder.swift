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
    public var replaces: BrokerOrderID?
    public var replacedBy: BrokerOrderID?
    /// Whether a runner repeated an earlier answer.
    public var idempotentReplay: Bool?
    /// The runner's own account of the call.
    public var audit: CompactJSON?
    public var raw: CompactJSON
}
