import Backtesting
import Core
import Domain
import Engine

/// How a configuration is read: strictly, and with everything that is wrong with it named at once.
extension BacktestPlan {
    init(_ config: Document) throws(RunnerFault) {
        guard let object = config.fields else { throw .invalid("config is no object") }
        let fields = StrictFields(object, path: "config.")
        readSymbols(fields)
        settings.timeframe = 1_000_000_000 * (fields.optionalInteger("timeframe_seconds", in: 1...86_400) ?? 60)
        settings.initialCash = fields.decimal("initial_cash") ?? settings.initialCash
        settings.maximumPosition = fields.optionalAmount("max_position")
        settings.allowShorts = fields.optionalBool("allow_shorts") ?? false
        let points = fields.optionalInteger("equity_points", in: 2...Self.maximumEquityPoints)
        settings.equityPoints = points.map { Int($0) } ?? settings.equityPoints
        if let execution = fields.object("execution") { readExecution(execution) }
        readSources(fields)
        readStrategies(fields)
        readOrders(fields)
        if strategies.isEmpty, script.isEmpty {
            fields.report("strategies", "and orders are both empty: there is nothing to run")
        }
        try fields.finish()
    }

    private mutating func readSymbols(_ fields: StrictFields) {
        let list = fields.list("symbols", atMost: Self.maximumSymbols) ?? []
        for element in list {
            guard let text = element.string, let symbol = try? Symbol(text), !symbols.contains(symbol) else {
                fields.report("symbols", "are no list of different symbols")
                return
            }
            symbols.append(symbol)
        }
        if symbols.isEmpty { fields.report("symbols", "is missing") }
    }

    private mutating func readExecution(_ fields: StrictFields) {
        func take(_ name: String, _ field: WritableKeyPath<ReplaySettings, Amount>, atMost most: Amount) {
            guard let amount = fields.decimal(name) else { return }
            guard amount <= most else { return fields.report(name, "is more than \(most)") }
            settings[keyPath: field] = amount
        }
        take("spread_bps", \.spreadBps, atMost: 10_000)
        take("slippage_bps", \.slippageBps, atMost: 5_000)
        take("impact_bps_at_full_participation", \.impactBps, atMost: 4_000)
        take("max_participation", \.barParticipation, atMost: 1)
        take("max_quote_participation", \.quoteParticipation, atMost: 1)
        take("commission_bps", \.commissionBps, atMost: 10_000)
        take("commission_per_unit", \.commissionPerUnit, atMost: 1_000_000)
        take("minimum_commission", \.minimumCommission, atMost: 1_000_000)
        if let step = fields.optionalAmount("qty_step").flatMap({ Amount.Step($0) }) { settings.quantityStep = step }
        let least = fields.optionalInteger("latency_min_ms", in: 0...60_000) ?? 20
        let most = fields.optionalInteger("latency_max_ms", in: 0...60_000) ?? max(least, 80)
        if least <= most {
            settings.latency = least * 1_000_000...most * 1_000_000
        } else {
            fields.report("latency_min_ms", "is more than latency_max_ms")
        }
        settings.latencySeed = UInt64(fields.optionalInteger("latency_seed", in: 0...(.max)) ?? 1)
        let age = fields.optionalInteger("quote_max_age_ms", in: 1...86_400_000) ?? 60_000
        settings.quoteMaximumAge = age * 1_000_000
        let end = fields.optionalInteger("day_ends_at_minute", in: 1...1_440) ?? 1_440
        settings.dayEnds = end * 60_000_000_000
        fields.close()
    }

    private mutating func readSources(_ fields: StrictFields) {
        let list = fields.list("data", atMost: Self.maximumSources) ?? []
        if list.isEmpty { fields.report("data", "is missing") }
        for (index, element) in list.enumerated() {
            guard let object = fields.object(element, "data[\(index)]") else { continue }
            let path = object.text("path") ?? ""
            // Nothing outside the folder of market data is read, whatever a configuration says.
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            if parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) {
                object.report("path", "is no path below the folder of market data")
            }
            let format = object.word("format", Source.Format.self) ?? .csv
            let isLog = format == .archive || format == .log
            let kind = isLog ? object.optionalWord("holds", MarketKind.self) : object.word("holds", MarketKind.self)
            if isLog, kind == .bars { object.report("holds", "can only be quotes: no topic holds bars yet") }
            let hash = object.optionalText("sha256")?.lowercased()
            if let hash, hash.utf8.count != 64 { object.report("sha256", "is no SHA-256 in hexadecimal digits") }
            let topic = object.optionalText("topic")
            if topic != nil, !isLog { object.report("topic", "belongs to a log or an archive") }
            object.close()
            sources.append(
                Source(
                    path: path, format: format, kind: kind ?? .quotes, sha256: hash,
                    topic: topic ?? TopicCatalog.quotes.name))
        }
    }

    private mutating func readStrategies(_ fields: StrictFields) {
        for (index, element) in (fields.list("strategies", atMost: Self.maximumStrategies) ?? []).enumerated() {
            guard let object = fields.object(element, "strategies[\(index)]") else { continue }
            let name = "\(object.text("type") ?? "")@\(object.text("version") ?? "")"
            let id = object.identifier("strategy_id", StrategyID.self)?.text ?? ""
            let parameters = object.object("params")
            let rules = Self.rules(name, parameters)
            if rules == nil {
                object.report("type", "plugin_not_found:\(name); there are \(Strategy.names.joined(separator: ", "))")
            }
            let qty = parameters?.optionalAmount("qty") ?? 1
            let step = object.optionalAmount("qty_step").flatMap { Amount.Step($0) } ?? .equity
            var chosen = Array(symbols.indices)
            if let names = object.list("symbols", atMost: Self.maximumSymbols) {
                chosen = names.compactMap { name in symbols.firstIndex { $0.text == name.string } }
                if chosen.count != names.count { object.report("symbols", "are not all among the run's") }
            }
            parameters?.close()
            object.close()
            guard let rules else { continue }
            strategies.append(Strategy(id: id, rules: rules, qty: qty, step: step, symbols: chosen))
        }
    }

    private static func rules(_ name: String, _ fields: StrictFields?) -> Strategy.Rules? {
        switch name {
        case "legacy_macd_rsi@1.0.0":
            return .legacyMacdRsi(
                LegacyMacdRsi(
                    buyBelow: fields?.decimal("buy_rsi_threshold") ?? .zero,
                    sellAbove: fields?.decimal("sell_rsi_threshold") ?? .zero))
        case "intraday_tsmom_v1@1.1.0":
            var given = IntradayTsmom.Parameters()
            for (name, field) in [
                ("bullish_hist_min", \.bullishHistogramMinimum), ("bearish_hist_min", \.bearishHistogramMinimum),
                ("min_bull_rsi", \.bullRSIMinimum), ("max_bull_rsi", \.bullRSIMaximum),
                ("min_bear_rsi", \.bearRSIMinimum), ("bearish_hist_cap", \.bearishHistogramCap),
                ("vol_floor", \.volatilityFloor), ("vol_ceil", \.volatilityCeiling),
            ] as [(String, WritableKeyPath<IntradayTsmom.Parameters, Amount>)] {
                given[keyPath: field] = fields?.decimal(name) ?? .zero
            }
            return .intradayTsmom(IntradayTsmom(given))
        default: return nil
        }
    }

    private mutating func readOrders(_ fields: StrictFields) {
        for (index, element) in (fields.list("orders", atMost: Self.maximumOrders) ?? []).enumerated() {
            guard let object = fields.object(element, "orders[\(index)]") else { continue }
            let time = object.text("ts").flatMap { try? Timestamp($0) }
            if time == nil { object.report("ts", "is no time in RFC 3339") }
            let name = object.text("symbol")
            let symbol = symbols.firstIndex { $0.text == name }
            if symbol == nil { object.report("symbol", "is none of the run's") }
            let side = object.word("side", Side.self) ?? .buy
            let request = OrderRequest(
                symbol: symbol ?? 0, direction: Direction(side), qty: object.amount("qty") ?? .one,
                type: object.optionalWord("order_type", OrderType.self) ?? .market,
                timeInForce: object.optionalWord("time_in_force", TimeInForce.self) ?? .day,
                limitPrice: object.optionalAmount("limit_price"), stopPrice: object.optionalAmount("stop_price"),
                trailPrice: object.optionalAmount("trail_price"), trailPercent: object.optionalAmount("trail_percent"),
                source: object.optionalText("source").map { String($0.prefix(128)) } ?? "orders")
            object.close()
            script.append(ScriptedOrder(time: time ?? .epoch, request: request))
        }
    }
}
