/// Kafka's own choice of a partition, `murmur2_random` to librdkafka: the same key lies in the same partition,
/// whichever client and whichever engine wrote it.
///
/// A record without a key goes anywhere.
public enum Murmur2Partitioner {
    /// The partition of a key; a record without one gets a partition drawn from the generator.
    public static func partition(
        forKey key: [UInt8]?, of count: Int32, using generator: inout some RandomNumberGenerator
    ) -> Int32 {
        guard let key else { return Int32.random(in: 0..<count, using: &generator) }
        return partition(forKey: key, of: count)
    }

    public static func partition(forKey key: [UInt8], of count: Int32) -> Int32 {
        // Safe: bytes are plain integers.
        partition(forKey: unsafe key.span.bytes, of: count)
    }

    public static func partition(forKey key: RawSpan, of count: Int32) -> Int32 {
        precondition(count > 0, "a topic has partitions")
        // The sign bit is masked off, not negated: that is how Java's client makes it positive.
        return (hash(key) & 0x7FFF_FFFF) % count
    }

    /// MurmurHash2 with Kafka's seed, as Java's signed 32 bits.
    public static func hash(_ key: [UInt8]) -> Int32 {
        // Safe: bytes are plain integers.
        hash(unsafe key.span.bytes)
    }

    public static func hash(_ key: RawSpan) -> Int32 {
        let factor: UInt32 = 0x5BD1_E995
        var hash = 0x9747_B28C ^ UInt32(truncatingIfNeeded: key.byteCount)
        var index = 0
        while index + 4 <= key.byteCount {
            // Safe: the load checks its bounds, and any bytes are a number; the first byte is the lowest.
            var word = UInt32(littleEndian: unsafe key.unsafeLoadUnaligned(fromByteOffset: index, as: UInt32.self))
            word &*= factor
            word ^= word >> 24
            word &*= factor
            hash &*= factor
            hash ^= word
            index += 4
        }
        let rest = key.byteCount - index
        if rest > 2 { hash ^= byte(of: key, at: index + 2) << 16 }
        if rest > 1 { hash ^= byte(of: key, at: index + 1) << 8 }
        if rest > 0 {
            hash ^= byte(of: key, at: index)
            hash &*= factor
        }
        hash ^= hash >> 13
        hash &*= factor
        hash ^= hash >> 15
        return Int32(bitPattern: hash)
    }

    private static func byte(of key: RawSpan, at index: Int) -> UInt32 {
        // Safe: the load checks its bounds.
        UInt32(unsafe key.unsafeLoad(fromByteOffset: index, as: UInt8.self))
    }
}
