public import Core

/// How deltas are spread: bins of one width, which begin at a multiple of it.
public struct DeltaHistogram: Sendable, Equatable {
    public struct Bin: Sendable, Equatable {
        /// Inclusive.
        public let from: Amount
        public internal(set) var passes = 0
        public internal(set) var drifts = 0

        public var count: Int { passes + drifts }
    }

    public let width: Amount
    public let bins: [Bin]

    static let maximumBins: Int128 = 40

    /// `nil` when there is nothing to draw.
    public init?(_ report: ShadowReport) {
        let all = report.passDeltas + report.driftDeltas
        guard let least = all.min(), let most = all.max() else { return nil }
        let width = Self.width(from: least.units, to: most.units)
        let start = Self.floor(least.units, by: width)
        let count = Int((Self.floor(most.units, by: width) - start) / width) + 1
        var bins = (0..<count).map { Bin(from: Amount(units: start + Int128($0) * width)) }
        for delta in report.passDeltas { bins[Int((Self.floor(delta.units, by: width) - start) / width)].passes += 1 }
        for delta in report.driftDeltas { bins[Int((Self.floor(delta.units, by: width) - start) / width)].drifts += 1 }
        self.width = Amount(units: width)
        self.bins = bins
    }

    /// The smallest of 1, 2, 5, 10, … tenths of a basis point with which there are not too many bins.
    private static func width(from least: Int128, to most: Int128) -> Int128 {
        var (tenth, step) = (Amount.unitsPerOne / 10, 0)
        while (floor(most, by: tenth) - floor(least, by: tenth)) / tenth >= maximumBins {
            tenth = step % 3 == 1 ? tenth / 2 * 5 : tenth * 2
            step += 1
        }
        return tenth
    }

    private static func floor(_ units: Int128, by width: Int128) -> Int128 {
        let rest = units % width
        return units - (rest < 0 ? rest + width : rest)
    }
}
