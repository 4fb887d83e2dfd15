public import Core

/// `intraday_tsmom_v1@1.1.0`: follows a calm upward trend, and sells an overbought symbol in a falling one.
public struct IntradayTsmom: Sendable, Equatable {
    public struct Parameters: Sendable, Equatable {
        public var bullishHistogramMinimum: Amount = .zero
        public var bearishHistogramMinimum: Amount = .zero
        public var bullRSIMinimum: Amount = .zero
        public var bullRSIMaximum: Amount = .zero
        public var bearRSIMinimum: Amount = .zero
        public var bearishHistogramCap: Amount = .zero
        public var volatilityFloor: Amount = .zero
        public var volatilityCeiling: Amount = .zero

        public init() {}
    }

    /// As in force: no zero is left in it.
    public let parameters: Parameters

    /// Zero means the default, as in the strategies that are in use.
    public init(_ given: Parameters = Parameters()) {
        var set = given
        func fill(_ field: WritableKeyPath<Parameters, Amount>, _ units: Int128) {
            if set[keyPath: field].isZero { set[keyPath: field] = Amount(units: units) }
        }
        fill(\.bullishHistogramMinimum, 40_000_000)
        fill(\.bearishHistogramMinimum, 50_000_000)
        fill(\.bullRSIMinimum, 52_000_000_000)
        fill(\.bullRSIMaximum, 62_000_000_000)
        fill(\.bearRSIMinimum, 66_000_000_000)
        fill(\.bearishHistogramCap, 120_000_000)
        fill(\.volatilityFloor, 1_000_000)
        fill(\.volatilityCeiling, 12_000_000)
        parameters = set
    }

    func signal(_ features: Features) throws(MissingFeature) -> Signal? {
        let macd = try features.macd.required("macd")
        let line = try features.macdSignal.required("macd_signal")
        let rsi = try features.rsi14.required("rsi14")
        let fast = try features.ema12.required("ema12")
        let slow = try features.ema26.required("ema26")
        let histogram = macd.units - line.units
        if fast > slow, macd > line { return long(histogram, rsi, features.volatility) }
        if fast < slow, macd < line { return short(-histogram, rsi) }
        return nil
    }

    private func long(_ histogram: Int128, _ rsi: Amount, _ volatility: Amount?) -> Signal? {
        let p = parameters
        guard histogram >= p.bullishHistogramMinimum.units, rsi >= p.bullRSIMinimum, rsi <= p.bullRSIMaximum else {
            return nil
        }
        if let volatility, volatility < p.volatilityFloor || volatility > p.volatilityCeiling { return nil }
        var confidence: Int128 = 640_000_000
        if histogram >= 2 * p.bullishHistogramMinimum.units { confidence += 50_000_000 }
        if let volatility, volatility.units <= 8_000_000 { confidence += 30_000_000 }
        if rsi >= p.bullRSIMaximum { confidence += 20_000_000 }
        return Signal(
            direction: .up, confidence: Amount(units: min(confidence, 840_000_000)),
            rationale: "tsmom_trend_up,macd_histogram,rsi_in_range,volatility_in_range")
    }

    /// Volatility does not matter here: so it is in the strategy that is in use.
    private func short(_ fall: Int128, _ rsi: Amount) -> Signal? {
        let p = parameters
        guard fall >= p.bearishHistogramMinimum.units, fall <= p.bearishHistogramCap.units, rsi >= p.bearRSIMinimum
        else { return nil }
        let confidence: Int128 = rsi >= 72 ? 650_000_000 : 620_000_000
        return Signal(
            direction: .down, confidence: Amount(units: min(confidence, 800_000_000)),
            rationale: "tsmom_trend_down,macd_histogram,rsi_overbought")
    }
}
