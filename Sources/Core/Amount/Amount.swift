/// An exact decimal with nine digits after the point: money, prices and quantities, never a `Double`.
///
/// Equal amounts are the same bits, so `1`, `1.0` and `1.00` compare equal, hash alike and print `1`. The range is
/// that of `Int128`: about ±1.7e29.
public struct Amount: Hashable, Sendable {
    /// How many billionths there are.
    public let units: Int128

    /// Digits after the point.
    public static let scale = 9
    public static let unitsPerOne: Int128 = 1_000_000_000

    public init(units: Int128) { self.units = units }

    /// A whole number; every `Int64` fits.
    public init(_ whole: Int64) { units = Int128(whole) * Self.unitsPerOne }

    public static let zero = Amount(units: 0)
    public static let one = Amount(units: unitsPerOne)
    public static let maximum = Amount(units: .max)
    public static let minimum = Amount(units: .min)

    public var isZero: Bool { units == 0 }
    public var isNegative: Bool { units < 0 }
}

extension Amount: Comparable {
    public static func < (left: Self, right: Self) -> Bool { left.units < right.units }
}

extension Amount: ExpressibleByIntegerLiteral {
    public init(integerLiteral whole: Int64) { self.init(whole) }
}
