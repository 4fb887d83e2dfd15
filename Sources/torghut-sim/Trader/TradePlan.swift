import Core

/// Makes decisions up: plausible ones of one strategy, by seeded chance, that keep positions near zero.
struct TradePlan {
    let account: String
    let strategy: String
    let symbols: [String]
    private var dice: Dice
    private var number = 0

    init(account: String, strategy: String, symbols: [String], seed: UInt64) {
        (self.account, self.strategy, self.symbols) = (account, strategy, symbols)
        dice = Dice(seed: seed)
    }

    /// Worth of a position, in whole units of money, above which nothing is bought.
    private static let enough: Int64 = 12_000

    /// The symbol of the next decision.
    mutating func next() -> String {
        number += 1
        return symbols[Int(dice.next() % UInt64(symbols.count))]
    }

    /// A decision's body: made once and sent as it is until it is answered, so that it stays one decision.
    mutating func decision(_ symbol: String, _ sight: TraderEyes.Sight, at now: Timestamp) -> [UInt8] {
        let isCrypto = symbol.contains("/")
        let middle = Amount(units: (sight.bid.units + sight.ask.units) / 2)
        var qty = quantity(near: middle, isCrypto: isCrypto)
        let isSale = sells(sight, middle, isCrypto: isCrypto)
        if isSale { qty = min(qty, sight.held) }
        let price = isSale ? sight.bid : sight.ask
        // One in eight has a limit that the market reaches, twenty basis points away.
        let isLimited = dice.hits(125)
        let limit = isSale ? price.units - price.units / 500 : price.units + price.units / 500
        var fields: [Tree.Field] = []
        func add(_ name: String, _ value: Tree?) { if let value { fields.append(.init(name: name, value: value)) } }
        add("account_label", .string(account))
        add("symbol", .string(symbol))
        add("event_ts", .time(now))
        add("strategy_id", .string(strategy))
        add("timeframe", .string("1Min"))
        add("action", .string(isSale ? "sell" : "buy"))
        add("qty", .amount(qty))
        add("order_type", .string(isLimited ? "limit" : "market"))
        add("time_in_force", .string("day"))
        if isLimited { add("limit_price", .amount(Amount(units: limit).rounded(downTo: .crypto))) }
        add("arrival_price", .amount(price))
        add("reference_quote", quote(sight))
        add("params", features(isSale, middle))
        add("rationale", .string(isSale ? "overbought, and crossed down" : "oversold, and crossed up"))
        return Tree.object(fields).bytes
    }

    private mutating func sells(_ sight: TraderEyes.Sight, _ middle: Amount, isCrypto: Bool) -> Bool {
        guard sight.held >= (isCrypto ? Amount(units: Amount.unitsPerOne / 1_000) : .one) else { return false }
        let worth = (try? sight.position.multiplied(by: middle)) ?? .zero
        return worth > Amount(Self.enough) || dice.hits(550)
    }

    /// Money of a few hundred to a few thousand, in whole shares or in thousandths of a coin.
    private mutating func quantity(near middle: Amount, isCrypto: Bool) -> Amount {
        let money = Amount(Int64(300 + dice.next() % 2_200))
        guard let qty = try? money.divided(by: max(middle, Amount(units: 10_000_000)), rounding: .down) else {
            return .one
        }
        guard isCrypto else { return max(.one, qty.rounded(downTo: .equity)) }
        let thousandth = Amount.unitsPerOne / 1_000
        return Amount(units: max(thousandth, qty.units / thousandth * thousandth))
    }

    private func quote(_ sight: TraderEyes.Sight) -> Tree? {
        guard let at = sight.at else { return nil }
        return .object([
            "bid": .amount(sight.bid), "ask": .amount(sight.ask), "bid_size": .string("100"),
            "ask_size": .string("100"), "quote_ts": .time(at), "source": .string("simulator"),
        ])
    }

    /// What `legacy_macd_rsi` sees when it decides so.
    private mutating func features(_ isSale: Bool, _ middle: Amount) -> Tree {
        let macd = Amount(units: Int128(100 + dice.next() % 900) * 1_000_000)
        let gap = Amount(units: Int128(10 + dice.next() % 90) * 1_000_000)
        let signal = Amount(units: isSale ? macd.units + gap.units : macd.units - gap.units)
        let rsi = isSale ? 66 + dice.next() % 20 : 14 + dice.next() % 20
        return .object([
            "price": .amount(middle), "macd": .amount(macd), "macd_signal": .amount(signal),
            "rsi14": .string(String(rsi)),
        ])
    }
}
