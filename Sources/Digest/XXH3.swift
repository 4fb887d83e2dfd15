internal import CXXHash

/// XXH3, 64 bits: finds damage and recognises records.
///
/// Not a defence against someone who wants a collision.
public enum XXH3 {
    public static func hash(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
        // Safe: the pointer is used only inside the call.
        unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
    }

    public static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        unsafe hash(bytes.span.bytes, seed: seed)
    }

    /// 128 bits, for sums over millions of rows.
    public static func hash128(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt128 {
        // Safe: the pointer is used only inside the call.
        let hash = unsafe bytes.withUnsafeBytes { unsafe XXH3_128bits_withSeed($0.baseAddress, $0.count, seed) }
        return UInt128(hash.high64) << 64 | UInt128(hash.low64)
    }
}
