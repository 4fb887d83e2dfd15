internal import Core
internal import Domain
internal import JSON

/// What is sent to the runner: its eight fields and no others, because it refuses what it does not know.
enum LEANBodies {
    /// `nil` when the contract has no words for the order: it knows no orders by money.
    static func submit(_ order: OrderSubmission) -> [UInt8]? {
        guard let qty = order.terms.qty else { return nil }
        var writer = JSONWriter(reserving: 512)
        writer.object { writer in
            text("symbol", order.symbol.text, &writer)
            text("side", order.side.rawValue, &writer)
            number("qty", qty, &writer)
            text("order_type", order.terms.orderType.rawValue, &writer)
            text("time_in_force", order.terms.timeInForce.rawValue, &writer)
            number("limit_price", order.terms.limitPrice, &writer)
            number("stop_price", order.terms.stopPrice, &writer)
            writer.key("extra_params")
            writer.object { writer in
                text("client_order_id", order.clientOrderID.text, &writer)
                number("trail_price", order.terms.trailPrice, &writer)
                number("trail_percent", order.terms.trailPercent, &writer)
                if let extended = order.terms.extendedHours {
                    writer.key("extended_hours")
                    writer.bool(extended)
                }
            }
        }
        return writer.finish()
    }

    private static func text(_ name: StaticString, _ value: String, _ writer: inout JSONWriter) {
        writer.key(name)
        writer.string(value)
    }

    /// A number, as the contract asks, with the digits of the exact amount.
    private static func number(_ name: StaticString, _ value: Amount?, _ writer: inout JSONWriter) {
        guard let value else { return }
        writer.key(name)
        writer.raw(Array(value.description.utf8))
    }
}
