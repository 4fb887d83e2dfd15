internal import Core
internal import JSON

/// One day in sum, as JSON.
struct TradingSummary: Sendable {
    struct Count: Sendable {
        let status: String
        let count: Int64
    }

    /// More closings of a day are summed up and not told one by one.
    static let maximumPoints = 2_000

    let day: String
    let zone: String
    let since: Int64
    let until: Int64
    let strategy: String?
    let orders: [Count]
    let decisions: [Count]
    let fills: TradingFills.Reading

    static let shape = Shape.document

    func written() -> [UInt8] {
        let outcome = fills.outcome
        var json = JSONWriter(reserving: 8_192)
        json.object { json in
            json.key("ok")
            json.bool(true)
            json.text("day", day)
            json.text("tz", zone)
            json.text("from", RowText.timestamp(micros: since).map { "\($0)" })
            json.text("to", RowText.timestamp(micros: until).map { "\($0)" })
            json.text("strategyId", strategy)
            json.key("orders")
            Self.counts(orders, &json)
            json.key("decisions")
            Self.counts(decisions, &json)
            json.key("pnl")
            json.object { json in
                json.text("realizedPnl", outcome.realized.map { ProfitAndLoss.amount($0).description })
                json.text("closedQty", Amount(units: outcome.closed).description)
                json.key("winCount")
                json.integer(outcome.wins)
                json.key("lossCount")
                json.integer(outcome.losses)
                json.text("winRate", winRate(outcome))
                json.key("bySymbol")
                json.array { json in
                    for (key, holding) in outcome.holdings.sorted(by: { $0.key < $1.key }) {
                        Self.holding(key, holding, &json)
                    }
                }
                json.key("series")
                series(outcome, &json)
                json.key("warnings")
                json.array { json in for warning in warnings { json.string(warning) } }
            }
        }
        return json.finish()
    }

    private func winRate(_ outcome: ProfitAndLoss) -> String? {
        let all = outcome.wins + outcome.losses
        guard all > 0 else { return nil }
        do throws(Amount.ArithmeticFault) { return try Amount(outcome.wins).divided(by: Amount(all)).description } catch
        {
            return nil
        }
    }

    private static func counts(_ counts: [Count], _ json: inout JSONWriter) {
        json.object { json in
            json.key("total")
            json.integer(counts.reduce(0) { $0 + $1.count })
            json.key("byStatus")
            json.object { json in
                for one in counts {
                    json.key(one.status)
                    json.integer(one.count)
                }
            }
        }
    }

    private static func holding(
        _ key: ProfitAndLoss.Key, _ holding: ProfitAndLoss.Holding, _ json: inout JSONWriter
    ) {
        json.object { json in
            json.text("account", key.account)
            json.text("symbol", key.symbol)
            json.text("realizedPnl", ProfitAndLoss.amount(holding.realized).description)
            json.text("closedQty", Amount(units: holding.closed).description)
            json.key("fills")
            json.integer(holding.fills)
            json.text("openingQty", Amount(units: holding.opening.quantity).description)
            json.text("openingAvgPrice", holding.opening.averagePrice?.description)
            json.text("closingQty", Amount(units: holding.inventory.quantity).description)
            json.text("closingAvgPrice", holding.inventory.averagePrice?.description)
        }
    }

    /// In the order of time; `total` is what all of them came to until then.
    private func series(_ outcome: ProfitAndLoss, _ json: inout JSONWriter) {
        let points = outcome.points.enumerated().sorted {
            ($0.element.micros, $0.offset) < ($1.element.micros, $1.offset)
        }
        var total: Int128 = 0
        json.array { json in
            for (_, point) in points.prefix(Self.maximumPoints) {
                total = total &+ point.realized
                json.object { json in
                    json.text("ts", RowText.timestamp(micros: point.micros).map { "\($0)" })
                    json.text("symbol", point.key.symbol)
                    json.text("realizedPnl", ProfitAndLoss.amount(point.realized).description)
                    json.text("total", ProfitAndLoss.amount(total).description)
                }
            }
        }
    }

    private var warnings: [String] {
        var warnings: [String] = []
        if fills.unpriced > 0 { warnings.append("\(fills.unpriced) fills have no side or price and are left out") }
        if fills.unlinked > 0 { warnings.append("\(fills.unlinked) fills are of no known order and are left out") }
        if fills.untold.orders > 0 {
            warnings.append(
                "\(fills.untold.orders) orders were filled with \(fills.untold.quantity) more than their slices come to, "
                    + "which is left out")
        }
        if fills.isCut { warnings.append("only the first \(TradingFills.maximum) fills are reckoned with") }
        if fills.outcome.unreckoned > 0 {
            warnings.append("\(fills.outcome.unreckoned) fills are too large to be reckoned with and are left out")
        }
        if fills.outcome.points.count > Self.maximumPoints {
            warnings.append("of \(fills.outcome.points.count) closings the first \(Self.maximumPoints) are listed")
        }
        return warnings
    }
}

extension JSONWriter {
    fileprivate mutating func text(_ name: StaticString, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }
}
