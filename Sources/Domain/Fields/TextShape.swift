/// The length of a short text with its first and last eight bytes, which may overlap: all there is to a text of at
/// most sixteen bytes, and enough to tell nearly all others apart.
@usableFromInline
struct TextShape: Equatable, Sendable, BitwiseCopyable {
    @usableFromInline let first: UInt64
    @usableFromInline let last: UInt64
    @usableFromInline let count: Int

    @inlinable @inline(__always)
    init(_ text: RawSpan) {
        count = text.byteCount
        // Safe: the loads check their bounds.
        if count >= 8 {
            first = unsafe text.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
            last = unsafe text.unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if count >= 4 {
            first = UInt64(unsafe text.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
            last = UInt64(unsafe text.unsafeLoadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        } else {
            var word: UInt64 = 0
            for offset in 0..<count { word = word << 8 | UInt64(text.byte(at: offset)) }
            first = word
            last = 0
        }
    }

    /// Whether two texts of this shape are the same without a look at what lies between.
    @inlinable @inline(__always) var isWhole: Bool { count <= 16 }

    /// Spread over all bits; the upper ones are the best.
    @inlinable @inline(__always) var hash: UInt64 {
        let mixed = (first &* 0x9E37_79B9_7F4A_7C15) ^ (last &* 0xC2B2_AE3D_27D4_EB4F) ^ UInt64(truncatingIfNeeded: count)
        return (mixed ^ mixed >> 29) &* 0x9E37_79B9_7F4A_7C15
    }
}

extension RawSpan {
    /// Whether these are the bytes of the text.
    @inlinable
    func spells(_ text: String) -> Bool {
        // Safe: both are read inside the calls.
        unsafe withUnsafeBytes { bytes in
            unsafe text.utf8.span.withUnsafeBytes { unsafe bytes.elementsEqual($0) }
        }
    }
}
