public import Core

/// `legacy_macd_rsi@1.0.0`: buys an oversold symbol whose MACD crossed up, sells an overbought one that crossed down.
public struct LegacyMacdRsi: Sendable, Equatable {
    public var buyBelow: Amount
    public var sellAbove: Amount

    /// Zero means the default, as in the strategies that are in use.
    public init(buyBelow: Amount = .zero, sellAbove: Amount = .zero) {
        self.buyBelow = buyBelow.isZero ? 35 : buyBelow
        self.sellAbove = sellAbove.isZero ? 65 : sellAbove
    }

    /// `nil` when nothing is to be done, and a missing feature by name.
    func signal(_ features: Features) throws(MissingFeature) -> Signal? {
        let macd = try features.macd.required("macd")
        let signal = try features.macdSignal.required("macd_signal")
        let rsi = try features.rsi14.required("rsi14")
        let confidence = Amount(units: 700_000_000)
        if macd > signal, rsi < buyBelow {
            return Signal(direction: .up, confidence: confidence, rationale: "macd_cross_up,rsi_oversold")
        }
        if macd < signal, rsi > sellAbove {
            return Signal(direction: .down, confidence: confidence, rationale: "macd_cross_down,rsi_overbought")
        }
        return nil
    }
}

/// A strategy was asked before its feature had a value.
public struct MissingFeature: Error, Equatable {
    public let name: String
}

extension Amount? {
    func required(_ name: String) throws(MissingFeature) -> Amount {
        guard let self else { throw MissingFeature(name: name) }
        return self
    }
}
