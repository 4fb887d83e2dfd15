internal import Core

/// What a decision asks for, in eight numbers, each of one group of fields: to see that the same hash came with
/// another body, and where it differs.
///
/// Identity leaves quantities and prices out, so two bodies may share a hash. Only what the answer repeats is
/// counted, so that the log of answers alone tells. The numbers are no proof, only a comparison.
struct BodyPrint: Sendable, Equatable {
    var lanes: SIMD8<UInt32>

    static let groups = [
        "quantity", "order_type", "time_in_force", "limit_price", "stop_price", "trail", "params", "rationale",
    ]

    init(lanes: SIMD8<UInt32>) { self.lanes = lanes }

    init(_ terms: OrderTerms, params: CompactJSON?, rationale: Prose?) {
        var lanes = SIMD8<UInt32>()
        lanes[0] = Self.mix(terms.qty, terms.notional)
        lanes[1] = UInt32(truncatingIfNeeded: Self.mix(1, UInt64(terms.orderType.place)))
        let hours: UInt64 = terms.extendedHours == true ? 1 : 0
        lanes[2] = UInt32(truncatingIfNeeded: Self.mix(UInt64(terms.timeInForce.place), hours))
        lanes[3] = Self.mix(terms.limitPrice, nil)
        lanes[4] = Self.mix(terms.stopPrice, nil)
        lanes[5] = Self.mix(terms.trailPrice, terms.trailPercent)
        lanes[6] = params.map { Self.mix($0.bytes) } ?? 0
        lanes[7] = rationale.map { Self.mix($0.text.utf8) } ?? 0
        self.lanes = lanes
    }

    /// The names of the groups that differ.
    func differences(from other: BodyPrint) -> [String] {
        Self.groups.indices.filter { lanes[$0] != other.lanes[$0] }.map { Self.groups[$0] }
    }

    /// The numbers as bytes that can be hashed.
    var canonicalText: [UInt8] {
        CanonicalText("torghut.body.v1", Self.groups.indices.map { (Self.groups[$0], "\(lanes[$0])") }).bytes
    }

    private static func mix(_ first: Amount?, _ second: Amount?) -> UInt32 {
        var value: UInt64 = 0
        for amount in [first, second] {
            guard let amount else {
                value = mix(value, 0x51)
                continue
            }
            value = mix(value, UInt64(truncatingIfNeeded: amount.units))
            value = mix(value, UInt64(truncatingIfNeeded: amount.units >> 64))
        }
        return UInt32(truncatingIfNeeded: value >> 32)
    }

    private static func mix(_ bytes: some Collection<UInt8>) -> UInt32 {
        var value: UInt64 = 0
        var word: UInt64 = 0
        var count = 0
        for byte in bytes {
            word = word << 8 | UInt64(byte)
            count += 1
            if count % 8 == 0 { value = mix(value, word) }
        }
        return UInt32(truncatingIfNeeded: mix(mix(value, word), UInt64(count)) >> 32)
    }

    /// The finishing steps of SplitMix64, which leave no bit alone.
    private static func mix(_ value: UInt64, _ word: UInt64) -> UInt64 {
        var mixed = (value ^ word) &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension OrderType {
    /// Written out, because a new word may be added between others.
    fileprivate var place: Int {
        switch self {
        case .market: 1
        case .limit: 2
        case .stop: 3
        case .stopLimit: 4
        case .trailingStop: 5
        }
    }
}

extension TimeInForce {
    fileprivate var place: Int {
        switch self {
        case .day: 1
        case .gtc: 2
        case .opg: 3
        case .cls: 4
        case .ioc: 5
        case .fok: 6
        }
    }
}
