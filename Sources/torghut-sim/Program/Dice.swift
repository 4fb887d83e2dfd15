/// Seeded chance: the same seed rolls the same numbers on every machine.
struct Dice: RandomNumberGenerator, Sendable {
    private(set) var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// True in so many of a thousand cases.
    mutating func hits(_ perMille: Int) -> Bool { Int(next() % 1000) < perMille }

    /// A random UUID in its usual form.
    mutating func uuid() -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, count) in [8, 4, 4, 4, 12].enumerated() {
            if index > 0 { text.append(UInt8(ascii: "-")) }
            for _ in 0..<count { text.append(digits[Int(next() >> 60)]) }
        }
        text[14] = UInt8(ascii: "4")
        text[19] = digits[8 + Int(next() >> 62)]
        return String(decoding: text, as: UTF8.self)
    }
}
