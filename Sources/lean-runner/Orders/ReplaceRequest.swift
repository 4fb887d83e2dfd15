import Adapters
import Core
import Digest
import Domain
import HTTPServer

/// `POST /v1/orders/{id}/replace`: new terms for a working order, which becomes another order.
struct ReplaceRequest: Sendable {
    let orderID: BrokerOrderID
    let clientOrderID: ClientOrderID
    let key: String
    let bodyHash: [UInt8]
    let qty: Amount?
    let limitPrice: Amount?
    let stopPrice: Amount?
    let trail: Amount?
    let timeInForce: TimeInForce?

    var asked: AskedOrder { AskedOrder(key: key, clientOrderID: clientOrderID, bodyHash: bodyHash) }

    static func read(_ call: RunnerCall) throws(RunnerFault) -> ReplaceRequest {
        let orderID = try OrderPath.orderID(call)
        let body = try RequestBody.strict(of: call.request)
        let qty = body.optionalAmount("qty")
        let (limit, stop) = (body.optionalAmount("limit_price"), body.optionalAmount("stop_price"))
        let trail = body.optionalAmount("trail")
        let force = body.optionalWord("time_in_force", TimeInForce.self)
        let id = body.optionalIdentifier("client_order_id", ClientOrderID.self)
        if qty == nil, limit == nil, stop == nil, trail == nil, force == nil {
            body.report("the body", "changes nothing")
        }
        try body.finish()
        let canonical = Document.object([
            "operation": .string(Operation.replaceOrder.rawValue), "order": .string(orderID.text),
            "qty": .amount(qty), "limit_price": .amount(limit), "stop_price": .amount(stop), "trail": .amount(trail),
            "time_in_force": .text(force?.rawValue), "client_order_id": .text(id?.text),
        ])
        let hash = SHA256.hash(canonical.canonical)
        let key = try IdempotencyKey.of(call, id, hash)
        return ReplaceRequest(
            orderID: orderID, clientOrderID: try IdempotencyKey.clientOrderID(id, key), key: key, bodyHash: hash,
            qty: qty, limitPrice: limit, stopPrice: stop, trail: trail, timeInForce: force)
    }
}

/// Names of orders in a path.
enum OrderPath {
    static func orderID(_ call: RunnerCall) throws(RunnerFault) -> BrokerOrderID {
        do { return try BrokerOrderID(call.parameters["id"]) } catch { throw .invalid("the path: \(error)") }
    }

    static func clientOrderID(_ call: RunnerCall) throws(RunnerFault) -> ClientOrderID {
        do { return try ClientOrderID(call.parameters["id"]) } catch { throw .invalid("the path: \(error)") }
    }
}
