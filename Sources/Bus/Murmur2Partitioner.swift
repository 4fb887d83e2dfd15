/// Chooses the partition of a key as Java's clients do (`murmur2_random`), so that every producer agrees.
///
/// librdkafka's own default (CRC32) puts most symbols elsewhere; one producer with another partitioner would split
/// the story of a symbol over two owners.
public enum Murmur2Partitioner {
    /// A null key goes round the partitions by the caller's count of keyless records.
    public static func partition(of key: [UInt8]?, among count: Int32, keyless: Int32) -> Int32 {
        guard let key else { return (keyless & Int32.max) % count }
        return (murmur2(key) & Int32.max) % count
    }

    static func murmur2(_ bytes: [UInt8]) -> Int32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash = UInt32(0x9747_b28c) ^ UInt32(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 4 <= bytes.count {
            var word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index + $1]) << UInt32($1 * 8) }
            word = word &* multiplier
            word ^= word >> 24
            hash = (hash &* multiplier) ^ (word &* multiplier)
            index += 4
        }
        if index < bytes.count {
            for place in stride(from: bytes.count - 1, through: index, by: -1) {
                hash ^= UInt32(bytes[place]) << UInt32((place - index) * 8)
            }
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        hash ^= hash >> 15
        return Int32(bitPattern: hash)
    }
}
