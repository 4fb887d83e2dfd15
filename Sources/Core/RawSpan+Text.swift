/// How `Core` reads text that is still bytes in somebody's buffer: one checked byte at a time.
extension RawSpan {
    func byte(at offset: Int) -> UInt8 {
        // Safe: the load checks its bounds, and every bit pattern is a `UInt8`.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The decimal digit at `offset`, or `nil` beyond the end and for any other byte.
    func digit(at offset: Int) -> UInt8? {
        guard offset < byteCount else { return nil }
        let digit = byte(at: offset) &- UInt8(ascii: "0")
        return digit < 10 ? digit : nil
    }
}

extension [UInt8] {
    /// Appends the decimal digits of a number, with zeros in front up to `width`.
    mutating func append(decimal number: UInt64, width: Int = 1) {
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, digits < width || number >= bound {
            digits += 1
            // The largest number has twenty digits: the bound need not pass the nineteenth power of ten.
            if digits < 20 { bound *= 10 }
        }
        // Made long enough first and then filled from its end: reversing afterwards would copy the digits twice.
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
        var rest = number
        var place = count
        while rest > 0 {
            place -= 1
            self[place] += UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// Appends a point and nine digits without the zeros at their end, or nothing when the fraction is zero.
    mutating func append(billionths fraction: UInt64) {
        guard fraction > 0 else { return }
        append(UInt8(ascii: "."))
        append(decimal: fraction, width: 9)
        while last == UInt8(ascii: "0") { removeLast() }
    }
}
