public import Core
public import Domain

/// A part of an order that was traded.
public struct Fill: Sendable, Equatable {
    public let order: Int
    public let symbol: Int
    public let direction: Direction
    public let qty: Amount
    public let price: Amount
    /// The middle price at that moment: what the fill would have cost without spread and slippage.
    public let reference: Amount
    public let time: Timestamp
    public let submitted: Timestamp
    public internal(set) var commission: Amount = .zero
    /// What spread and slippage took, in currency; never negative.
    public internal(set) var frictionCost: Amount = .zero
    /// What closing a part of a position brought, before costs of commission; zero for what opens.
    public internal(set) var realized: Amount = .zero
    public internal(set) var isClosing = false
    /// What is held afterwards.
    public internal(set) var position: Amount = .zero
    public internal(set) var cash: Amount = .zero
    public let source: String
    public let type: OrderType
}
