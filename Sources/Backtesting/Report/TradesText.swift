internal import Core
internal import Domain
internal import Engine
internal import JSON

/// Every fill as one line of JSON.
enum TradesText {
    static func bytes(_ result: ReplayResult, of plan: Replay) -> [UInt8] {
        var json = JSONWriter(reserving: result.fills.count * 320)
        for fill in result.fills {
            line(fill, plan, &json)
            json.newline()
        }
        return json.finish()
    }

    private static func line(_ fill: Fill, _ plan: Replay, _ json: inout JSONWriter) {
        json.object { json in
            json.key("order")
            json.integer(fill.order)
            json.key("ts")
            json.string(fill.time.description)
            json.key("submitted_ts")
            json.string(fill.submitted.description)
            json.key("symbol")
            json.string(plan.tape.symbols[fill.symbol].text)
            json.key("side")
            json.string(fill.direction.side.rawValue)
            json.key("order_type")
            json.string(fill.type.rawValue)
            json.key("source")
            json.string(fill.source)
            for (name, amount) in [
                ("qty", fill.qty), ("price", fill.price), ("reference_price", fill.reference),
                ("commission", fill.commission), ("spread_and_slippage", fill.frictionCost),
                ("realized_pnl", fill.realized), ("position", fill.position), ("cash", fill.cash),
            ] {
                json.key(name)
                json.string(amount.description)
            }
            json.key("closing")
            json.bool(fill.isClosing)
        }
    }
}

/// The points of the equity curve as lines of JSON.
enum EquityText {
    static func bytes(_ result: ReplayResult) -> [UInt8] {
        var json = JSONWriter(reserving: result.curve.points.count * 96)
        for point in result.curve.points {
            json.object { json in
                json.key("ts")
                json.string(point.time.description)
                json.key("equity")
                json.string(point.equity.description)
                json.key("exposure")
                json.string(point.exposure.description)
            }
            json.newline()
        }
        return json.finish()
    }
}
