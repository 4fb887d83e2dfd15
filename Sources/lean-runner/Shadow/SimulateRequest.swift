import Core
import Domain
import Engine
import HTTPServer

/// What `POST /v1/shadow/simulate` is asked: the original's fields, and the quote at the time of the decision.
struct SimulateRequest: Sendable {
    let symbol: Symbol
    let order: SingleOrderFill.Order
    let timeInForce: TimeInForce
    let intentPrice: Amount?
    let quote: Quote?
    let quoteSource: String?

    init(_ request: HTTPServerRequest) throws(RunnerFault) {
        let fields = try RequestBody.strict(of: request)
        let symbol = fields.identifier("symbol", Symbol.self)
        let side = fields.word("side", Side.self)
        let qty = fields.amount("qty")
        let type = fields.optionalWord("order_type", OrderType.self) ?? .market
        timeInForce = fields.optionalWord("time_in_force", TimeInForce.self) ?? .day
        let limit = fields.optionalAmount("limit_price")
        let stop = fields.optionalAmount("stop_price")
        intentPrice = fields.optionalAmount("intent_price")
        let quoted = fields.object("reference_quote").map(Self.quote)
        quote = quoted?.quote
        quoteSource = quoted?.source
        try fields.finish()
        guard let symbol, let side, let qty else { throw .invalid("symbol, side and qty are required") }
        self.symbol = symbol
        order = SingleOrderFill.Order(side: side, qty: qty, type: type, limitPrice: limit, stopPrice: stop)
    }

    private static func quote(_ fields: StrictFields) -> (quote: Quote?, source: String?) {
        let bid = fields.amount("bid")
        let ask = fields.amount("ask")
        let bidSize = size("bid_size", fields)
        let askSize = size("ask_size", fields)
        let moment = fields.text("quote_ts").flatMap { text in
            do { return try Timestamp(text) } catch {
                fields.report("quote_ts", "is no time")
                return nil
            }
        }
        let source = fields.optionalText("source")
        fields.close()
        guard let bid, let ask, let moment else { return (nil, source) }
        return (Quote(bid: bid, ask: ask, bidSize: bidSize, askSize: askSize, time: moment), source)
    }

    /// A size may be zero, as venues send it; one that is not told limits nothing.
    private static func size(_ name: String, _ fields: StrictFields) -> Amount? {
        let text: String
        switch fields.raw(name) {
        case .string(let written), .number(let written): text = written
        case nil: return nil
        default:
            fields.report(name, "is no decimal")
            return nil
        }
        do {
            let amount = try Amount(text)
            if !amount.isNegative { return amount.isZero ? nil : amount }
            fields.report(name, "is below zero")
        } catch { fields.report(name, "is no decimal of zero or more: \(error)") }
        return nil
    }
}
