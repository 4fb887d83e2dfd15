public import Core
internal import Domain
public import Engine
public import JSON

/// The report of a run: canonical text, fields always in this order, decimals as text.
public enum ReportText {
    public static let engine = "torghut-embedded"
    /// Raised whenever the same plan could give other numbers.
    public static let engineVersion = "1.0.0"
    /// Rejections that are listed; all are counted.
    static let listedRejections = 100

    static func bytes(_ result: ReplayResult, of plan: Replay) -> [UInt8] {
        var json = JSONWriter(reserving: 8_192)
        json.object { json in
            json.key("engine")
            json.string(engine)
            json.key("engine_version")
            json.string(engineVersion)
            json.key("symbols")
            json.array { json in for symbol in plan.tape.symbols { json.string(symbol.text) } }
            json.key("strategies")
            json.array { json in
                for strategy in plan.strategies {
                    json.object { json in
                        json.key("strategy_id")
                        json.string(strategy.id)
                        json.key("rules")
                        json.string(strategy.rules.name)
                        amount("qty", strategy.qty, &json)
                    }
                }
            }
            data(result, &json)
            json.key("summary")
            summary(result, startingWith: plan.settings.initialCash, &json)
            decisions(result.counts, &json)
            orders(result.counts, &json)
            held(result, plan, &json)
            json.key("rejections")
            json.array { json in
                for rejection in result.rejections.prefix(listedRejections) {
                    json.object { json in
                        json.key("order")
                        json.integer(rejection.order)
                        json.key("reason")
                        json.string(rejection.reason)
                    }
                }
            }
            json.key("execution_assumptions")
            assumptions(plan.settings, &json)
        }
        return json.finish()
    }

    private static func amount(_ name: String, _ amount: Amount, _ json: inout JSONWriter) {
        json.key(name)
        json.string(amount.description)
    }

    private static func data(_ result: ReplayResult, _ json: inout JSONWriter) {
        json.key("data")
        json.object { json in
            for (name, time) in [("first_ts", result.first), ("last_ts", result.last)] {
                json.key(name)
                if let time { json.string(time.description) } else { json.null() }
            }
            for (name, count) in [
                ("events", result.counts.events), ("bars", result.counts.bars), ("quotes", result.counts.quotes),
            ] {
                json.key(name)
                json.integer(count)
            }
        }
    }

    /// Also part of what a poll answers.
    public static func summary(
        _ result: ReplayResult, startingWith cash: Amount, _ json: inout JSONWriter
    ) {
        json.object { json in
            amount("initial_cash", cash, &json)
            amount("final_equity", result.equity, &json)
            amount("lowest_cash", result.lowestCash, &json)
            amount("gross_pnl", result.grossPnL, &json)
            amount("net_pnl", result.netPnL, &json)
            amount("realized_pnl", result.realizedPnL, &json)
            amount("total_cost", result.costs, &json)
            amount("commissions", result.commissions, &json)
            amount("spread_and_slippage", result.friction, &json)
            amount("max_drawdown", result.curve.maximumDrawdown, &json)
            amount("max_drawdown_ratio", result.curve.maximumDrawdownRatio, &json)
            json.key("trade_count")
            json.integer(result.counts.closingFills)
            json.key("winning_trades")
            json.integer(result.counts.winningFills)
            json.key("fill_count")
            json.integer(result.fills.count)
            amount("turnover_notional", result.turnover, &json)
            amount("turnover_ratio", quotient(result.turnover, result.curve.averageExposure), &json)
            amount("average_exposure", result.curve.averageExposure, &json)
            amount("max_exposure", result.curve.maximumExposure, &json)
            amount("time_in_market", result.curve.timeInMarket, &json)
            amount("cost_bps", quotient(result.costs, result.turnover, times: 10_000), &json)
        }
    }

    /// Zero where there is nothing to divide by.
    private static func quotient(_ left: Amount, _ right: Amount, times factor: UInt128 = 1) -> Amount {
        Amount(units: ExactQuotient.of(left.units, times: factor * 1_000_000_000, over: right.units) ?? 0)
    }

    private static func decisions(_ counts: ReplayResult.Counts, _ json: inout JSONWriter) {
        json.key("decisions")
        json.object { json in
            for (name, count) in [
                ("buy", counts.buyDecisions), ("sell", counts.sellDecisions), ("passed_over", counts.passedOver),
                ("missing_features", counts.missingFeatures),
            ] {
                json.key(name)
                json.integer(count)
            }
        }
    }

    private static func orders(_ counts: ReplayResult.Counts, _ json: inout JSONWriter) {
        json.key("orders")
        json.object { json in
            for (name, count) in [
                ("submitted", counts.orders), ("filled", counts.filled), ("partially_filled", counts.partlyFilled),
                ("expired", counts.expired), ("canceled", counts.canceled), ("rejected", counts.rejected),
                ("open", counts.open),
            ] {
                json.key(name)
                json.integer(count)
            }
        }
    }

    private static func held(_ result: ReplayResult, _ plan: Replay, _ json: inout JSONWriter) {
        json.key("positions")
        json.array { json in
            for held in result.held {
                json.object { json in
                    json.key("symbol")
                    json.string(plan.tape.symbols[held.symbol].text)
                    amount("qty", held.qty, &json)
                    amount("mark", held.mark, &json)
                    amount("value", held.value, &json)
                }
            }
        }
    }

    private static func assumptions(_ settings: ReplaySettings, _ json: inout JSONWriter) {
        json.object { json in
            amount("spread_bps", settings.spreadBps, &json)
            amount("slippage_bps", settings.slippageBps, &json)
            amount("impact_bps_at_full_participation", settings.impactBps, &json)
            amount("max_participation", settings.barParticipation, &json)
            amount("max_quote_participation", settings.quoteParticipation, &json)
            for (name, number) in [
                ("latency_min_ns", settings.latency.lowerBound), ("latency_max_ns", settings.latency.upperBound),
            ] {
                json.key(name)
                json.integer(number)
            }
            json.key("latency_seed")
            json.integer(settings.latencySeed)
            amount("commission_bps", settings.commissionBps, &json)
            amount("commission_per_unit", settings.commissionPerUnit, &json)
            amount("minimum_commission", settings.minimumCommission, &json)
            amount("qty_step", settings.quantityStep.size, &json)
            json.key("allow_shorts")
            json.bool(settings.allowShorts)
            json.key("limits_bind")
            json.string("strategies")
            json.key("buying_power")
            json.string("unlimited")
            json.key("bar_path")
            json.string("open_near_extreme_far_extreme_close")
        }
    }
}
