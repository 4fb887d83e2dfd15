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

extension RawSpan {
    /// Whether every byte is a printable character of ASCII, which needs no further look.
    ///
    /// Eight bytes at a time.
    @inlinable
    public var isPrintableASCII: Bool {
        let count = byteCount
        guard count >= 8 else {
            var word: UInt64 = 0x2020_2020_2020_2020
            for offset in 0..<count {
                // Safe: the load checks its bounds.
                word = word << 8 | UInt64(unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            }
            return Self.isPrintableASCII(word)
        }
        var offset = 0
        while offset < count - 8 {
            // Safe: the loads check their bounds.
            let word = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard Self.isPrintableASCII(word) else { return false }
            offset += 8
        }
        return Self.isPrintableASCII(unsafe unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
    }

    /// The top bit of a byte tells that it is above 0x7F, below 0x20 (the first difference), or 0x7F (the sum).
    ///
    /// Bytes below 0x80 carry into no neighbour; with one above, the answer is `false` anyway.
    @inlinable
    static func isPrintableASCII(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let seven = word & (ones &* 0x7F)
        let notBelow = seven &+ (ones &* 0x60)
        let isDelete = seven &+ ones
        return (word | ~notBelow | isDelete) & (ones &* 0x80) == 0
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
