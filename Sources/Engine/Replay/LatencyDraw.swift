/// How long an order takes to the market: the seed and the order's number decide, nothing else.
///
/// Each order draws by itself, so that one order more or less changes no other's luck.
struct LatencyDraw {
    let range: ClosedRange<Int64>
    let seed: UInt64

    func nanoseconds(of order: Int) -> Int64 {
        let width = UInt64(range.upperBound - range.lowerBound)
        guard width > 0 else { return range.lowerBound }
        let bits = Self.mix(Self.mix(seed) &+ UInt64(truncatingIfNeeded: order))
        guard width < .max else { return Int64(truncatingIfNeeded: bits) }
        return range.lowerBound + Int64(bits.multipliedFullWidth(by: width + 1).high)
    }

    /// SplitMix64's finisher: every bit of the result hangs on every bit of the input.
    private static func mix(_ input: UInt64) -> UInt64 {
        var bits = input &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
