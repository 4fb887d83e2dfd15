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
        let ends = (first &* 0x9E37_79B9_7F4A_7C15) ^ (last &* 0xC2B2_AE3D_27D4_EB4F)
        let mixed = ends ^ UInt64(truncatingIfNeeded: count)
        return (mixed ^ mixed >> 29) &* 0x9E37_79B9_7F4A_7C15
    }
}

extension RawSpan {
    /// Whether these are the bytes of a text that has the same shape: only what lies between its ends can differ.
    @inlinable
    func continues(as text: String) -> Bool {
        let other = unsafe text.utf8.span.bytes
        guard byteCount == other.byteCount else { return false }
        var offset = 8
        while offset < byteCount - 8 {
            // Safe: the loads check their bounds. The last one may reach into the end, which is the same anyway.
            let mine = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let theirs = unsafe other.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard mine == theirs else { return false }
            offset += 8
        }
        return true
    }
}
