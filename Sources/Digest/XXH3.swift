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
}
