public import Core

/// What the account was worth over time: drawdown from every mark, points kept for a plot.
public struct EquityCurve: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        public let time: Timestamp
        public let equity: Amount
        public let exposure: Amount
    }

    public private(set) var points: [Point] = []
    public private(set) var maximumDrawdown: Amount = .zero
    /// The largest fall as a part of the peak before it.
    public private(set) var maximumDrawdownRatio: Amount = .zero
    public private(set) var maximumExposure: Amount = .zero
    /// `Σ exposure × milliseconds`, in units of a billionth.
    private var weighed: Int128 = 0
    private var invested: Int64 = 0
    private var first: Timestamp?
    private var last: Point?
    private var peak: Amount
    private let stride: Int
    private var marks = 0

    /// Keeps every n-th mark, so that about `points` remain of `expected`.
    init(from start: Amount, expecting expected: Int, points: Int) {
        peak = start
        stride = max(1, (expected + max(1, points) - 1) / max(1, points))
    }

    mutating func mark(
        _ time: Timestamp, equity: Amount, exposure: Amount
    ) throws(Amount.ArithmeticFault) {
        if let last {
            let passed = time.milliseconds - last.time.milliseconds
            if !last.exposure.isZero {
                let (product, over) = last.exposure.units.multipliedReportingOverflow(by: Int128(passed))
                let (sum, above) = weighed.addingReportingOverflow(product)
                guard !over, !above else { throw .overflow(.multiply) }
                weighed = sum
                invested += passed
            }
        } else {
            first = time
        }
        if equity > peak {
            peak = equity
        } else if equity < peak {
            let fall = try peak.subtracting(equity)
            if fall > maximumDrawdown { maximumDrawdown = fall }
            if peak > .zero {
                // Compared before it is divided: most marks set no record.
                let ratio = ExactQuotient.of(fall.units, times: 1_000_000_000, over: peak.units) ?? 0
                if ratio > maximumDrawdownRatio.units { maximumDrawdownRatio = Amount(units: ratio) }
            }
        }
        if exposure > maximumExposure { maximumExposure = exposure }
        let point = Point(time: time, equity: equity, exposure: exposure)
        if marks % stride == 0 { points.append(point) }
        marks += 1
        last = point
    }

    /// The last mark belongs to the curve, whatever the stride.
    mutating func close() {
        if let last, points.last != last { points.append(last) }
    }

    private var spanMilliseconds: Int64 {
        guard let first, let last else { return 0 }
        return last.time.milliseconds - first.milliseconds
    }

    /// Weighed by time.
    public var averageExposure: Amount {
        Amount(units: ExactQuotient.of(weighed, over: Int128(spanMilliseconds)) ?? 0)
    }

    /// The part of the time in which anything was held.
    public var timeInMarket: Amount {
        Amount(units: ExactQuotient.of(Int128(invested), times: 1_000_000_000, over: Int128(spanMilliseconds)) ?? 0)
    }
}
