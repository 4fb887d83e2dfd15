public import Core
public import Domain

/// Which way a trade moves a position.
public enum Direction: Sendable, Equatable {
    case up
    case down

    public init(_ side: Side) { self = side == .buy ? .up : .down }

    public var side: Side { self == .up ? .buy : .sell }

    /// The amount with the sign of this direction.
    public func signed(_ amount: Amount) -> Amount {
        self == .up ? amount : Amount(units: 0 &- amount.units)
    }
}
