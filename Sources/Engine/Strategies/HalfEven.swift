/// Whole-number division rounded half to even, quick where the numbers are small.
enum HalfEven {
    /// The divisor is above zero.
    static func quotient(_ dividend: Int128, _ divisor: Int128) -> Int128 {
        if let small = Int64(exactly: dividend), let parts = Int64(exactly: divisor) {
            return Int128(rounded(small, parts))
        }
        return rounded(dividend, divisor)
    }

    private static func rounded<Number: FixedWidthInteger & SignedInteger>(
        _ dividend: Number, _ divisor: Number
    ) -> Number {
        let (quotient, rest) = dividend.quotientAndRemainder(dividingBy: divisor)
        guard rest != 0 else { return quotient }
        let size = rest.magnitude
        let other = divisor.magnitude - size
        let away = size > other || (size == other && quotient % 2 != 0)
        guard away else { return quotient }
        return dividend < 0 ? quotient - 1 : quotient + 1
    }
}
