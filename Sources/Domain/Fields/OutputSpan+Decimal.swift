/// Digits written in their order, into memory that is there already.
extension OutputSpan<UInt8> {
    /// The decimal digits of a number.
    @inlinable
    mutating func append(decimal number: UInt64) {
        var unit: UInt64 = 1
        while number / unit >= 10 { unit &*= 10 }
        var rest = number
        while unit > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    /// Two digits, a zero in front when needed.
    @inlinable
    mutating func append(pair number: UInt32) {
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }

    /// A point and nine digits without the zeros at their end.
    @inlinable
    mutating func append(billionths fraction: UInt64) {
        append(UInt8(ascii: "."))
        var rest = UInt32(truncatingIfNeeded: fraction)
        var unit: UInt32 = 100_000_000
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
            rest %= unit
            unit /= 10
        }
    }
}
