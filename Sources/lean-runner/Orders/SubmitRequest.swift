import Adapters
import Core
import Digest
import Domain

/// `POST /v1/orders/submit` as the contract has it: nothing missing, nothing more.
struct SubmitRequest: Sendable {
    let symbol: Symbol
    let side: Side
    let terms: OrderTerms
    let clientOrderID: ClientOrderID
    let key: String
    let bodyHash: [UInt8]

    var asked: AskedOrder { AskedOrder(key: key, clientOrderID: clientOrderID, bodyHash: bodyHash) }

    static func read(_ call: RunnerCall) throws(RunnerFault) -> SubmitRequest {
        let body = try RequestBody.strict(of: call.request)
        let symbol = body.identifier("symbol", Symbol.self)
        let side = body.word("side", Side.self)
        let qty = body.amount("qty")
        let type = body.word("order_type", OrderType.self)
        let force = body.word("time_in_force", TimeInForce.self)
        let (limit, stop) = (body.optionalAmount("limit_price"), body.optionalAmount("stop_price"))
        let extra = body.object("extra_params")
        let id = extra?.optionalIdentifier("client_order_id", ClientOrderID.self)
        let trail = (extra?.optionalAmount("trail_price"), extra?.optionalAmount("trail_percent"))
        let extended = extra?.optionalBool("extended_hours")
        extra?.close()
        if let type { require(type, limit, stop, trail, of: body) }
        try body.finish()
        guard let symbol, let side, let qty, let type, let force else {
            throw .invalid("the body is not complete")
        }
        let terms = OrderTerms(
            qty: qty, orderType: type, timeInForce: force, limitPrice: limit, stopPrice: stop, trailPrice: trail.0,
            trailPercent: trail.1, extendedHours: extended)
        let hash = SHA256.hash(Self.canonical(symbol, side, terms, id).canonical)
        let key = try IdempotencyKey.of(call, id, hash)
        return SubmitRequest(
            symbol: symbol, side: side, terms: terms, clientOrderID: try IdempotencyKey.clientOrderID(id, key),
            key: key, bodyHash: hash)
    }

    /// What an order of this type cannot be without; what it has too much of is for the broker to judge.
    private static func require(
        _ type: OrderType, _ limit: Amount?, _ stop: Amount?, _ trail: (Amount?, Amount?), of body: StrictFields
    ) {
        if [.limit, .stopLimit].contains(type), limit == nil { body.missing("limit_price") }
        if [.stop, .stopLimit].contains(type), stop == nil { body.missing("stop_price") }
        if type == .trailingStop, (trail.0 == nil) == (trail.1 == nil) {
            body.report("extra_params", "must have one of trail_price and trail_percent for a trailing stop")
        }
    }

    /// The order and nothing of how it was written: `1` and `1.0` are one body.
    private static func canonical(
        _ symbol: Symbol, _ side: Side, _ terms: OrderTerms, _ id: ClientOrderID?
    ) -> Document {
        .object([
            "operation": .string(Operation.submitOrder.rawValue), "symbol": .string(symbol.text),
            "side": .string(side.rawValue), "qty": .amount(terms.qty), "order_type": .string(terms.orderType.rawValue),
            "time_in_force": .string(terms.timeInForce.rawValue), "limit_price": .amount(terms.limitPrice),
            "stop_price": .amount(terms.stopPrice), "trail_price": .amount(terms.trailPrice),
            "trail_percent": .amount(terms.trailPercent),
            "extended_hours": terms.extendedHours.map { .bool($0) }, "client_order_id": .text(id?.text),
        ])
    }
}

/// The name under which a request is done once.
enum IdempotencyKey {
    static let maximumBytes = 256

    /// The header, else the client order id, else what the body says.
    static func of(_ call: RunnerCall, _ id: ClientOrderID?, _ bodyHash: [UInt8]) throws(RunnerFault) -> String {
        let key = call.idempotencyKey ?? id?.text ?? bodyHash.hex
        guard key.utf8.count <= maximumBytes, !key.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw .invalid("Idempotency-Key has at most \(maximumBytes) bytes, and no control characters")
        }
        return key
    }

    /// The broker knows an order by this; a key that the broker would not take gives one that it does.
    static func clientOrderID(_ id: ClientOrderID?, _ key: String) throws(RunnerFault) -> ClientOrderID {
        if let id { return id }
        do { return try ClientOrderID(key) } catch {
            do { return try ClientOrderID("lean-" + SHA256.hash(Array(key.utf8)).hex) } catch {
                throw .invalid("the key makes no client order id: \(error)")
            }
        }
    }
}
