import Core
import Domain

/// A hash for tests: as long as SHA-256 and good enough to tell texts apart, but quick where nothing is optimized.
enum TestMint {
    static let mint = Mint { ContentHash(hash($0)) }

    static func hash(_ bytes: [UInt8]) -> (UInt64, UInt64, UInt64, UInt64) {
        var first: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var second: UInt64 = 0xC2B2_AE3D_27D4_EB4F
        unsafe bytes.withUnsafeBytes { text in
            var offset = 0
            while offset < text.count {
                var word: UInt64 = 0
                if offset + 8 <= text.count {
                    word = unsafe text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                } else {
                    for index in offset..<text.count { word = word << 8 | UInt64(unsafe text[index]) }
                }
                first = (first ^ word) &* 0xBF58_476D_1CE4_E5B9
                first ^= first >> 29
                second = (second &+ first) &* 0x94D0_49BB_1331_11EB
                second ^= second >> 31
                offset += 8
            }
        }
        return (first, second, first &* 0x2545_F491_4F6C_DD1D ^ second, second &* 0x9FB2_1C65_1E98_DF25 ^ first >> 7)
    }
}
