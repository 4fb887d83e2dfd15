internal import Core
internal import Domain
internal import JSON

/// What the runner is asked: the original's fields, and to our own also the quote and the stop.
enum SimulateBody {
    static func of(_ question: ShadowQuestion, isForeign: Bool) -> [UInt8] {
        let (intent, terms) = (question.intent, question.intent.terms)
        var json = JSONWriter(reserving: 512)
        json.object { json in
            text("symbol", intent.symbol.text, &json)
            text("side", intent.side.rawValue, &json)
            number("qty", question.qty, &json)
            text("order_type", terms.orderType.rawValue, &json)
            text("time_in_force", terms.timeInForce.rawValue, &json)
            number("limit_price", terms.limitPrice, &json)
            number("intent_price", intent.price, &json)
            guard !isForeign else { return }
            number("stop_price", terms.stopPrice, &json)
            guard let quote = question.quote else { return }
            json.key("reference_quote")
            json.object { json in
                number("bid", quote.bid, &json)
                number("ask", quote.ask, &json)
                number("bid_size", quote.bidSize, &json)
                number("ask_size", quote.askSize, &json)
                text("quote_ts", quote.quoteTime.description, &json)
                text("source", quote.source.text, &json)
            }
        }
        return json.finish()
    }

    private static func text(_ name: StaticString, _ value: String, _ json: inout JSONWriter) {
        json.key(name)
        json.string(value)
    }

    /// With all its digits.
    private static func number(_ name: StaticString, _ value: Amount?, _ json: inout JSONWriter) {
        guard let value else { return }
        json.key(name)
        json.raw(Array(value.description.utf8))
    }
}
