/// Sixteen hexadecimal digits and a machine word, both ways, eight digits at a time.
@usableFromInline
enum Hexadecimal {
    /// The eight digits at `offset`, of either case; `nil` when one of them is none.
    @inlinable @inline(__always)
    static func digits(_ text: RawSpan, at offset: Int) -> UInt64? {
        // Safe: the load checks its bounds.
        word(unsafe text.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Four digits at one place and four at another.
    @inlinable @inline(__always)
    static func split(_ text: RawSpan, at first: Int, and second: Int) -> UInt64? {
        // Safe: the loads check their bounds.
        let low = unsafe text.unsafeLoadUnaligned(fromByteOffset: first, as: UInt32.self)
        let high = unsafe text.unsafeLoadUnaligned(fromByteOffset: second, as: UInt32.self)
        return word(UInt64(high) << 32 | UInt64(low))
    }

    /// The value of eight digits, the first in the lowest byte.
    @inlinable @inline(__always)
    static func word(_ bytes: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // A letter has bit 6. Nonsense gives some value too, and another text than the one it came from.
        let letters = (bytes >> 6) & ones
        let value = pack((bytes & (ones &* 0x0F)) &+ letters &* 9)
        if text(value) == bytes { return value }
        let lowered = bytes | letters << 5
        return lowered != bytes && text(value) == lowered ? value : nil
    }

    /// Eight bytes of one digit each, the first in the lowest byte, to 32 bits with the first digit on top.
    @inlinable @inline(__always)
    static func pack(_ values: UInt64) -> UInt64 {
        let pairs = ((values << 4) | (values >> 8)) & 0x00FF_00FF_00FF_00FF
        let quads = (pairs | (pairs >> 8)) & 0x0000_FFFF_0000_FFFF
        let word = (quads | (quads >> 16)) & 0xFFFF_FFFF
        return UInt64(UInt32(truncatingIfNeeded: word).byteSwapped)
    }

    /// The eight lower-case digits of the low 32 bits, the first in the lowest byte.
    @inlinable @inline(__always)
    static func text(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let bytes = UInt64(UInt32(truncatingIfNeeded: word).byteSwapped)
        let quads = (bytes | (bytes << 16)) & 0x0000_FFFF_0000_FFFF
        let pairs = (quads | (quads << 8)) & 0x00FF_00FF_00FF_00FF
        let values = ((pairs >> 4) & 0x000F_000F_000F_000F) | ((pairs & 0x000F_000F_000F_000F) << 8)
        let letters = ((values &+ (ones &* 6)) >> 4) & ones
        return values &+ (ones &* 0x30) &+ letters &* 39
    }
}

extension Hexadecimal {
    /// Sixteen digits.
    @inlinable @inline(__always)
    static func wide(_ text: RawSpan, at offset: Int) -> UInt64? {
        guard let high = digits(text, at: offset), let low = digits(text, at: offset + 8) else { return nil }
        return high << 32 | low
    }
}
