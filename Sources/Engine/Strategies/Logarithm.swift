/// The natural logarithm of a ratio of two prices, in whole numbers.
enum Logarithm {
    private static let one: Int128 = 1_000_000_000_000_000_000

    /// `ln(now ÷ before)` at twelve digits; both are above zero.
    ///
    /// `ln r = 2·(z + z³/3 + z⁵/5 …)` with `z = (r − 1)/(r + 1)`, summed at eighteen digits: between bars `z` is tiny
    /// and a few terms do. A ratio beyond 9 is taken apart first, so the series is never long.
    static func ofRatio(_ now: Int128, over before: Int128) -> Int128 {
        guard now != before else { return 0 }
        var (high, low) = (max(now, before), min(now, before))
        var doublings: Int128 = 0
        while high / 4 > low {
            // Halving may drop a bit of a number that is large beside it.
            if high > 1 << 100 { high /= 2 } else { low *= 2 }
            doublings += 1
        }
        let size = doublings * twoAtEighteen + series(high, low)
        return HalfEven.quotient(now > before ? size : -size, 1_000_000)
    }

    /// `ln 2` at eighteen digits.
    private static let twoAtEighteen: Int128 = 693_147_180_559_945_309

    private static func series(_ high: Int128, _ low: Int128) -> Int128 {
        var (gap, sum) = (high - low, high + low)
        // Scaled down until the product below fits; twenty digits of both are more than the result has.
        while gap > 1 << 66 {
            gap >>= 1
            sum >>= 1
        }
        let ratio = HalfEven.quotient(gap * one, sum)
        let square = HalfEven.quotient(ratio * ratio, one)
        var (power, total, divisor) = (ratio, ratio, Int128(3))
        while power != 0 {
            power = HalfEven.quotient(power * square, one)
            total += HalfEven.quotient(power, divisor)
            divisor += 2
        }
        return 2 * total
    }
}
