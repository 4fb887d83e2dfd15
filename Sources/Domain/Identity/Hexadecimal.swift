/// Sixteen hexadecimal digits and a machine word, both ways, eight digits at a time.
@usableFromInline
enum Hexadecimal {
    /// The eight digits at `offset`, of either case; `nil` when one of them is none.
    @inlinable
    static func digits(_ text: RawSpan, at offset: Int) -> UInt64? {
        // Safe: the load checks its bounds.
        word(unsafe text.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Four digits at one place and four at another.
    @inlinable
    static func split(_ text: RawSpan, at first: Int, and second: Int) -> UInt64? {
        // Safe: the loads check their bounds.
        let low = unsafe text.unsafeLoadUnaligned(fromByteOffset: first, as: UInt32.self)
        let high = unsafe text.unsafeLoadUnaligned(fromByteOffset: second, as: UInt32.self)
        return word(UInt64(high) << 32 | UInt64(low))
    }

    /// The value of eight digits, the first in the lowest byte.
    @inlinable
    static func word(_ bytes: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let top = ones &* 0x80
        // A letter has bit 6; case folds onto bit 5. Ranges are tested on seven bits, so no byte carries into another.
        let low = bytes | (ones &* 0x20)
        let notAboveNine = (ones &* (0x80 + 0x39)) &- (low & ~top)
        let notBelowZero = (low | top) &- (ones &* 0x30)
        let notAboveF = (ones &* (0x80 + 0x66)) &- (low & ~top)
        let notBelowA = (low | top) &- (ones &* 0x61)
        let isDigit = notAboveNine & notBelowZero & (bytes << 2)  // Bit 5 tells `0` from the 0x10 that became it.
        let isLetter = notAboveF & notBelowA
        guard (isDigit | isLetter) & top == top, bytes & top == 0 else { return nil }
        let values = (low & (ones &* 0x0F)) &+ ((isLetter & ~isDigit & top) >> 7) &* 9
        return pack(values)
    }

    /// Eight bytes of one digit each, the first in the lowest byte, to 32 bits with the first digit on top.
    @inlinable
    static func pack(_ values: UInt64) -> UInt64 {
        let pairs = ((values << 4) | (values >> 8)) & 0x00FF_00FF_00FF_00FF
        let quads = (pairs | (pairs >> 8)) & 0x0000_FFFF_0000_FFFF
        let word = (quads | (quads >> 16)) & 0xFFFF_FFFF
        return UInt64(UInt32(truncatingIfNeeded: word).byteSwapped)
    }

    /// Appends `digits` lower-case digits of the word, starting at its top.
    @inlinable
    static func append(_ word: UInt64, digits: Int = 16, to text: inout [UInt8]) {
        var shift = 60
        for _ in 0..<digits {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
            shift -= 4
        }
    }
}

extension Hexadecimal {
    /// Sixteen digits.
    @inlinable
    static func wide(_ text: RawSpan, at offset: Int) -> UInt64? {
        guard let high = digits(text, at: offset), let low = digits(text, at: offset + 8) else { return nil }
        return high << 32 | low
    }
}
