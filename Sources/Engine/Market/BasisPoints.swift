public import Core

/// Prices moved by basis points, and the distance of two prices in them.
public enum BasisPoints {
    public static let perOne = Amount(10_000)

    /// The price that much higher, or lower for a negative number, rounded half to even at the ninth digit.
    public static func raised(_ price: Amount, by points: Amount) throws(Amount.ArithmeticFault) -> Amount {
        guard !points.isZero else { return price }
        // One rounding: price × (10000 + points) ÷ 10000.
        guard
            let factor = Int128(exactly: (perOne.units + points.units).magnitude),
            perOne.units + points.units > 0,
            let units = ExactQuotient.of(price.units, times: factor.magnitude, over: perOne.units)
        else { throw .overflow(.multiply) }
        return Amount(units: units)
    }

    /// The price moved against whoever trades on this side: a buyer pays more, a seller gets less.
    public static func worsened(
        _ price: Amount, for direction: Direction, by points: Amount
    ) throws(Amount.ArithmeticFault) -> Amount {
        try raised(price, by: direction == .up ? points : points.negated())
    }

    /// What a fill cost beside a reference, positive when it is worse: `±(fill − reference) ÷ reference × 10000`.
    public static func cost(
        of fill: Amount, beside reference: Amount, for direction: Direction
    ) throws(Amount.ArithmeticFault) -> Amount {
        let gap = direction == .up ? try fill.subtracting(reference) : try reference.subtracting(fill)
        guard let units = ExactQuotient.of(gap.units, times: perOne.units.magnitude, over: reference.units) else {
            throw reference.isZero ? .divisionByZero : .overflow(.divide)
        }
        return Amount(units: units)
    }
}
