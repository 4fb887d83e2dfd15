internal import Core
internal import Domain
internal import JSON

/// What is sent to Alpaca: decimals are strings, absent is left out.
enum AlpacaBodies {
    static func submit(_ order: OrderSubmission) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.object { writer in
            field("symbol", order.symbol.text, &writer)
            field("side", order.side.rawValue, &writer)
            field("type", order.terms.orderType.rawValue, &writer)
            field("time_in_force", order.terms.timeInForce.rawValue, &writer)
            field("qty", order.terms.qty?.description, &writer)
            field("notional", order.terms.qty == nil ? order.terms.notional?.description : nil, &writer)
            field("limit_price", order.terms.limitPrice?.description, &writer)
            field("stop_price", order.terms.stopPrice?.description, &writer)
            field("trail_price", order.terms.trailPrice?.description, &writer)
            field("trail_percent", order.terms.trailPercent?.description, &writer)
            if let extended = order.terms.extendedHours {
                writer.key("extended_hours")
                writer.bool(extended)
            }
            field("client_order_id", order.clientOrderID.text, &writer)
        }
        return writer.finish()
    }

    private static func field(_ name: StaticString, _ value: String?, _ writer: inout JSONWriter) {
        guard let value else { return }
        writer.key(name)
        writer.string(value)
    }
}
