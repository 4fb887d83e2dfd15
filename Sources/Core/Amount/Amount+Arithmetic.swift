/// Arithmetic says when it cannot: no result wraps, traps or loses a digit silently.
///
/// Products and quotients are computed at full width and rounded once, so 1e-8 of a coin times a notional of 1e12
/// is exact.
extension Amount {
    /// What becomes of the digits beyond the ninth.
    public enum Rounding: Sendable, CaseIterable {
        /// To the nearest billionth, and from the middle to the even one: no drift over many roundings.
        case halfEven
        /// Towards zero: never more than the exact result, whichever its sign.
        case down
    }

    public enum Operation: String, Sendable {
        case add, subtract, multiply, divide, negate
    }

    public enum ArithmeticFault: Error, Equatable, Sendable {
        /// The result lies outside the range of an amount.
        case overflow(Operation)
        case divisionByZero
    }

    public func adding(_ other: Amount) throws(ArithmeticFault) -> Amount {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        guard !overflow else { throw .overflow(.add) }
        return Amount(units: sum)
    }

    public func subtracting(_ other: Amount) throws(ArithmeticFault) -> Amount {
        let (difference, overflow) = units.subtractingReportingOverflow(other.units)
        guard !overflow else { throw .overflow(.subtract) }
        return Amount(units: difference)
    }

    public func negated() throws(ArithmeticFault) -> Amount {
        guard units != .min else { throw .overflow(.negate) }
        return Amount(units: -units)
    }

    public func multiplied(by other: Amount, rounding: Rounding = .halfEven) throws(ArithmeticFault) -> Amount {
        try Self.ratio(units, other.units, over: Self.unitsPerOne, rounding, .multiply)
    }

    public func divided(by other: Amount, rounding: Rounding = .halfEven) throws(ArithmeticFault) -> Amount {
        guard !other.isZero else { throw .divisionByZero }
        return try Self.ratio(units, Self.unitsPerOne, over: other.units, rounding, .divide)
    }

    /// `left × right ÷ divisor`, rounded once.
    private static func ratio(
        _ left: Int128, _ right: Int128, over divisor: Int128, _ rounding: Rounding, _ operation: Operation
    ) throws(ArithmeticFault) -> Amount {
        let product = left.magnitude.multipliedFullWidth(by: right.magnitude)
        let divisorMagnitude = divisor.magnitude
        // A larger high half means a quotient of more than 128 bits, on which the division below would trap.
        guard product.high < divisorMagnitude else { throw .overflow(operation) }
        var (quotient, remainder) =
            product.high == 0
            ? product.low.quotientAndRemainder(dividingBy: divisorMagnitude)
            : divisorMagnitude.dividingFullWidth(product)
        if rounding == .halfEven {
            let rest = divisorMagnitude - remainder
            if remainder > rest || (remainder == rest && quotient % 2 == 1) {
                guard quotient < .max else { throw .overflow(operation) }
                quotient += 1
            }
        }
        let negative = ((left < 0) != (right < 0)) != (divisor < 0)
        guard let units = signed(quotient, negative: negative) else { throw .overflow(operation) }
        return Amount(units: units)
    }

    /// The number with this magnitude and sign, or `nil` when an `Int128` does not hold it.
    static func signed(_ magnitude: UInt128, negative: Bool) -> Int128? {
        guard negative else { return Int128(exactly: magnitude) }
        return magnitude <= Int128.min.magnitude ? 0 &- Int128(truncatingIfNeeded: magnitude) : nil
    }
}

extension Amount.ArithmeticFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .overflow(let operation): "the result of \(operation.rawValue) is outside the range of an amount"
        case .divisionByZero: "division by zero"
        }
    }
}
