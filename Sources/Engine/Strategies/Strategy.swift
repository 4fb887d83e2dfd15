public import Core

/// A strategy that a replay can run, found by its exact type and version.
public struct Strategy: Sendable, Equatable {
    public enum Rules: Sendable, Equatable {
        case legacyMacdRsi(LegacyMacdRsi)
        case intradayTsmom(IntradayTsmom)

        public var name: String {
            switch self {
            case .legacyMacdRsi: "legacy_macd_rsi@1.0.0"
            case .intradayTsmom: "intraday_tsmom_v1@1.1.0"
            }
        }

        func signal(_ indicators: Indicators) throws(MissingFeature) -> Signal? {
            switch self {
            case .legacyMacdRsi(let rules): return try rules.signal(indicators.features(withVolatility: false))
            case .intradayTsmom(let rules):
                // Volatility only ever forbids or strengthens a signal that stands without it.
                let first = try rules.signal(indicators.features(withVolatility: false))
                guard let first, first.direction == .up else { return first }
                return try rules.signal(indicators.features(withVolatility: true))
            }
        }
    }

    public static let names = ["intraday_tsmom_v1@1.1.0", "legacy_macd_rsi@1.0.0"]

    public let id: String
    public let rules: Rules
    /// As the strategy asks; whole steps of it are ordered, at least one.
    public let qty: Amount
    /// One unit for shares; smaller for coins.
    public let step: Amount.Step
    /// By index in the tape.
    public let symbols: [Int]

    public init(id: String, rules: Rules, qty: Amount, step: Amount.Step = .equity, symbols: [Int]) {
        self.id = id
        self.rules = rules
        self.qty = qty
        self.step = step
        self.symbols = symbols
    }

    /// Rounded down to whole steps, and never nothing.
    var orderQuantity: Amount { max(qty.rounded(downTo: step), step.size) }

    /// What these rules say of these features, asked by hand; a feature they need and do not have is named.
    public func signal(_ features: Features) throws(MissingFeature) -> Signal? {
        switch rules {
        case .legacyMacdRsi(let rules): try rules.signal(features)
        case .intradayTsmom(let rules): try rules.signal(features)
        }
    }
}
