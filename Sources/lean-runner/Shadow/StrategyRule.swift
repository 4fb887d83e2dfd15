import Core
import Domain
import Engine

/// The rule that a strategy says it follows, and what it saw when it decided.
struct StrategyRule: Sendable {
    /// As the definition, or else the intent's own features, name it.
    let name: String?
    let rules: Strategy.Rules?
    let features: Features?

    init(_ request: EvaluateRequest) {
        name = Self.name(request.definition) ?? Self.name(request.features?["runtime"])
        rules = name.flatMap { Self.rules($0, request.definition?["parameters"]) }
        features = request.features.flatMap(Self.features)
    }

    /// `legacy_macd_rsi@1.0.0` as one text, or as type and version.
    private static func name(_ document: Document?) -> String? {
        guard let type = document?["strategy_type"]?.string ?? document?["type"]?.string else { return nil }
        guard !type.contains("@"), let version = document?["version"]?.string else { return type }
        return type + "@" + version
    }

    private static func rules(_ name: String, _ given: Document?) -> Strategy.Rules? {
        func number(_ field: String) -> Amount { given.flatMap { amount($0[field]) } ?? .zero }
        switch name {
        case "legacy_macd_rsi@1.0.0":
            return .legacyMacdRsi(
                LegacyMacdRsi(buyBelow: number("buy_rsi_threshold"), sellAbove: number("sell_rsi_threshold")))
        case "intraday_tsmom_v1@1.1.0":
            var set = IntradayTsmom.Parameters()
            set.bullishHistogramMinimum = number("bullish_hist_min")
            set.bearishHistogramMinimum = number("bearish_hist_min")
            set.bullRSIMinimum = number("min_bull_rsi")
            set.bullRSIMaximum = number("max_bull_rsi")
            set.bearRSIMinimum = number("min_bear_rsi")
            set.bearishHistogramCap = number("bearish_hist_cap")
            set.volatilityFloor = number("vol_floor")
            set.volatilityCeiling = number("vol_ceil")
            return .intradayTsmom(IntradayTsmom(set))
        default: return nil
        }
    }

    /// Flat, or in groups as signals carry them; without a price there are no features.
    private static func features(_ given: Document) -> Features? {
        guard let price = amount(given["price"]) ?? amount(given["close"]) else { return nil }
        let (macd, ema) = (given["macd"], given["ema"])
        return Features(
            price: price, ema12: amount(given["ema12"]) ?? amount(ema?["ema12"]),
            ema26: amount(given["ema26"]) ?? amount(ema?["ema26"]), macd: amount(macd) ?? amount(macd?["macd"]),
            macdSignal: amount(given["macd_signal"]) ?? amount(macd?["signal"]),
            rsi14: amount(given["rsi14"]) ?? amount(given["rsi"]),
            volatility: amount(given["vol_realized_w60s"]) ?? amount(given["vol_realized"]?["w60s"]))
    }

    /// A decimal, as text or number.
    static func amount(_ value: Document?) -> Amount? {
        switch value {
        case .string(let text), .number(let text):
            guard text.utf8.count <= 64 else { return nil }
            do { return try Amount(text) } catch { return nil }
        case .object, .array, .bool, .null, nil: return nil
        }
    }

    /// What the rule does with what was seen; `nil` when it does nothing.
    ///
    /// What it could not see is no "nothing".
    func action(id: StrategyID) throws(MissingFeature) -> Side? {
        guard let rules, let features else { return nil }
        let signal = try Strategy(id: id.text, rules: rules, qty: .one, symbols: []).signal(features)
        return signal.map { $0.direction == .up ? .buy : .sell }
    }
}
