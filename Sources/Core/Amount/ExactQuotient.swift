/// Quotients of exact numbers, rounded once: half to even.
public enum ExactQuotient {
    /// `left × factor ÷ right`, or `nil` when there is none in the range of an amount's units.
    public static func of(_ left: Int128, times factor: UInt128 = 1, over right: Int128) -> Int128? {
        guard right != 0 else { return nil }
        let product = left.magnitude.multipliedFullWidth(by: factor)
        let divisor = right.magnitude
        guard product.high < divisor else { return nil }
        var (quotient, remainder) = divisor.dividingFullWidth(product)
        let rest = divisor - remainder
        if remainder > rest || (remainder == rest && quotient % 2 == 1) {
            guard quotient < .max else { return nil }
            quotient += 1
        }
        guard let magnitude = Int128(exactly: quotient) else { return nil }
        return (left < 0) != (right < 0) ? -magnitude : magnitude
    }
}

extension Amount {
    /// `nil` when the product is too large to be exact.
    public static func exactProduct(_ left: Amount, _ right: Amount) -> Int128? {
        let (product, overflow) = left.units.multipliedReportingOverflow(by: right.units)
        return overflow ? nil : product
    }

    /// The middle of a bid and an ask.
    public static func middle(_ bid: Amount, _ ask: Amount) -> Amount? {
        let (sum, overflow) = bid.units.addingReportingOverflow(ask.units)
        guard !overflow else { return nil }
        return ExactQuotient.of(sum, over: 2).map(Amount.init(units:))
    }
}
