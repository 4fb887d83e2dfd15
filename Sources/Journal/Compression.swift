internal import CLZ4

/// LZ4 blocks, between blocks of ours.
enum Compression {
    static func bound(_ count: Int) -> Int { Int(LZ4_compressBound(Int32(count))) }

    /// The compressed length, or `nil` when compressing saves nothing: then the bytes are stored as they are.
    static func compress(_ source: Block, _ range: Range<Int>, into target: Block, at place: Int) -> Int? {
        let room = bound(range.count)
        let written = unsafe source.withAddress(of: range) { from in
            unsafe target.withAddress(of: place..<place + room) { to in
                unsafe LZ4_compress_default(from, to, Int32(range.count), Int32(room))
            }
        }
        return written > 0 && Int(written) < range.count ? Int(written) : nil
    }

    /// Whether the bytes decompressed to exactly the room they were given.
    static func decompress(
        _ source: Block, _ range: Range<Int>, into target: UnsafeMutableRawPointer, count: Int
    ) -> Bool {
        // Safe: LZ4's checked decoder never reads past the range nor writes past `count`.
        let written = unsafe source.withAddress(of: range) { from in
            unsafe LZ4_decompress_safe(from, target, Int32(range.count), Int32(count))
        }
        return Int(written) == count
    }
}
