import Core
import Domain
import HTTPServer

/// What `POST /v1/strategy-shadow/evaluate` is asked: the original's fields; inside the intent also what it was
/// decided on, and the limits it was decided under.
struct EvaluateRequest: Sendable {
    let strategyID: StrategyID
    let symbol: Symbol
    let intent: Document
    let action: Side?
    let qty: Amount?
    let orderType: OrderType?
    let timeInForce: TimeInForce?
    let limitPrice: Amount?
    /// What the strategy saw: its features by their names.
    let features: Document?
    /// Type, version, parameters, quantity, universe and limits, as the strategy was enabled with.
    let definition: Document?
    let notional: Amount?

    init(_ request: HTTPServerRequest) throws(RunnerFault) {
        let fields = try RequestBody.strict(of: request)
        let strategy = fields.identifier("strategy_id", StrategyID.self)
        let symbol = fields.identifier("symbol", Symbol.self)
        intent = fields.openObject("intent") ?? .object([])
        let inner = fields.object("intent")
        if inner == nil { fields.report("intent", "is missing") }
        let named = inner?.optionalIdentifier("strategy_id", StrategyID.self)
        let about = inner?.optionalIdentifier("symbol", Symbol.self)
        action = inner?.optionalWord("action", Side.self)
        qty = inner?.optionalAmount("qty")
        notional = inner?.optionalAmount("notional")
        orderType = inner?.optionalWord("order_type", OrderType.self)
        timeInForce = inner?.optionalWord("time_in_force", TimeInForce.self)
        limitPrice = inner?.optionalAmount("limit_price")
        features = inner?.openObject("features")
        definition = inner?.openObject("definition")
        for name in ["timeframe", "decided_at", "decision_hash"] { _ = inner?.optionalText(name) }
        if let named, named != strategy { inner?.report("strategy_id", "is another one than strategy_id") }
        if let about, about != symbol { inner?.report("symbol", "is another one than symbol") }
        inner?.close()
        try fields.finish()
        guard let strategy, let symbol else { throw .invalid("strategy_id and symbol are required") }
        strategyID = strategy
        self.symbol = symbol
    }
}
