import Core
import HTTPClient
import HTTPServer

/// LEAN's runner contract over a broker: submit once per key, read, cancel, replace, void.
struct LeanServer: Sendable {
    let broker: LeanBroker
    let token: String?
    let ledger = LeanLedger()
    let misbehaviour: Misbehaviour

    init(broker: LeanBroker, token: String?, seed: UInt64) {
        self.broker = broker
        self.token = token
        misbehaviour = Misbehaviour(seed: seed)
    }

    func routes() -> HTTPRoutes {
        var routes = HTTPRoutes()
        let submit = LeanSubmit(broker: broker, ledger: ledger, misbehaviour: misbehaviour)
        routes.on("GET", "/healthz") { _, _ in .tree(misbehaviour.health) }
        routes.on("POST", "/_sim/health") { request, _ in told(request, misbehaviour.claim) }
        routes.on("GET", "/readyz") { _, _ in await ready() }
        on(&routes, "POST", "/v1/orders/submit") { request, _ in await submit.answer(request) }
        on(&routes, "POST", "/v1/orders/cancel-all") { request, _ in await cancelAll(request) }
        on(&routes, "GET", "/v1/orders/client/:id") { _, parameters in
            let id = Escaping.part(parameters["id"])
            return await read("/v2/orders:by_client_order_id?client_order_id=" + id)
        }
        on(&routes, "POST", "/v1/orders/client/:id/void") { _, parameters in await void(parameters["id"]) }
        on(&routes, "GET", "/v1/orders/:id") { _, parameters in
            await read("/v2/orders/" + Escaping.part(parameters["id"]))
        }
        on(&routes, "POST", "/v1/orders/:id/cancel") { request, parameters in
            await cancel(request, parameters["id"])
        }
        on(&routes, "POST", "/v1/orders/:id/replace") { request, parameters in
            await replace(request, parameters["id"])
        }
        on(&routes, "GET", "/v1/orders") { request, _ in await list(request) }
        routes.on("POST", "/_sim/script") { request, _ in told(request, misbehaviour.script) }
        routes.on("POST", "/_sim/random") { request, _ in told(request, misbehaviour.chance) }
        routes.on("GET", "/_sim/log") { _, _ in .tree(.object(["entries": .array(misbehaviour.log)])) }
        return routes
    }

    private func on(
        _ routes: inout HTTPRoutes, _ method: String, _ pattern: String, _ handler: @escaping HTTPRoutes.Handler
    ) {
        routes.on(method, pattern) { [token] request, parameters in
            guard token.map({ request.header("Authorization") == "Bearer \($0)" }) ?? true else {
                return LeanRefusal(status: 401, outcome: "not_sent", code: "unauthorized", detail: "who are you?")
                    .response
            }
            return await handler(request, parameters)
        }
    }

    private func told(_ request: HTTPServerRequest, _ body: (Tree) -> String?) -> HTTPServerResponse {
        guard let tree = Tree(request.body) else { return .text("no JSON\n", status: 400) }
        return body(tree).map { .text($0 + "\n", status: 400) } ?? .tree(.object([:]))
    }

    private func ready() async -> HTTPServerResponse {
        guard case .status(200, _) = await broker.ask(.get, "/v2/clock") else {
            return .tree(.object(["status": .string("broker_unreachable")]), status: 503)
        }
        return .tree(.object(["status": .string("ok"), "service": .string("torghut-lean-runner")]))
    }

    private func failed(_ operation: String) -> HTTPServerResponse {
        .tree(.object(["detail": .string("lean_\(operation)_failed:upstream_error")]), status: 502)
    }

    private func read(_ path: String) async -> HTTPServerResponse {
        switch await broker.ask(.get, path) {
        case .status(200, let order?): return .tree(order.with(["_execution_adapter": .string("lean")]))
        case .status(404, _): return .tree(.object(["detail": .string("order_not_found")]), status: 404)
        default: return failed("get_order")
        }
    }

    /// All pages of the broker's list.
    private func list(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        let status = request.query("status") ?? "all"
        var orders: [Tree] = []
        var after = ""
        while true {
            let path = "/v2/orders?status=\(Escaping.part(status))&limit=500&direction=asc" + after
            guard case .status(200, .array(let page)?) = await broker.ask(.get, path) else {
                return failed("list_orders")
            }
            orders += page
            guard page.count == 500, let last = page.last?["submitted_at"]?.string else { break }
            after = "&after=" + Escaping.part(last)
        }
        let marked = orders.map { $0.with(["_execution_adapter": .string("lean")]) }
        return .tree(.object(["orders": .array(marked)]))
    }

    private func audit(_ operation: String, _ request: HTTPServerRequest, _ tree: Tree) -> HTTPServerResponse {
        .tree(LeanSubmit.audited(tree, operation, request.header("X-Correlation-ID"), nil, isReplay: false))
    }

    private func cancel(_ request: HTTPServerRequest, _ id: String) async -> HTTPServerResponse {
        switch await broker.ask(.delete, "/v2/orders/" + Escaping.part(id)) {
        case .status(204, _): return audit("cancel_order", request, .object(["ok": .bool(true)]))
        case .status(404, _): return .tree(.object(["detail": .string("order_not_found")]), status: 404)
        case .status(422, let answer):
            return LeanRefusal(
                status: 422, outcome: "rejected", code: "broker_rejected",
                detail: answer?["message"]?.string ?? "not cancelable"
            ).response
        default: return failed("cancel_order")
        }
    }

    private func cancelAll(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        guard case .status(207, let list?) = await broker.ask(.delete, "/v2/orders") else {
            return failed("cancel_all_orders")
        }
        return audit("cancel_all_orders", request, .object(["orders": list]))
    }

    private func replace(_ request: HTTPServerRequest, _ id: String) async -> HTTPServerResponse {
        guard let body = Tree(request.body), case .object = body else {
            return LeanRefusal.invalid("the body is no object").response
        }
        switch await broker.ask(.patch, "/v2/orders/" + Escaping.part(id), body) {
        case .status(200, let order?): return audit("replace_order", request, order)
        case .status(404, _): return .tree(.object(["detail": .string("order_not_found")]), status: 404)
        case .status(let status, let answer) where [400, 403, 422].contains(status):
            return LeanRefusal(
                status: 422, outcome: "rejected", code: "broker_rejected",
                detail: answer?["message"]?.string ?? "not replaceable"
            ).response
        case .notSent: return LeanRefusal.notSent.response
        default: return LeanRefusal.unknown.response
        }
    }

    /// Promises that a key will never be sent, unless it was.
    private func void(_ key: String) async -> HTTPServerResponse {
        switch ledger.void(key) {
        case nil, .voided?, .rejected?:
            return .tree(.object(["outcome": .string("voided"), "client_order_id": .string(key)]))
        case .submitted(_, let order)?:
            return .tree(.object(["outcome": .string("submitted"), "order": order]), status: 409)
        case .inFlight?:
            return .tree(.object(["outcome": .string("unknown"), "code": .string("in_flight")]), status: 409)
        case .unknown?:
            let path = "/v2/orders:by_client_order_id?client_order_id=" + Escaping.part(key)
            guard case .status(200, let order?) = await broker.ask(.get, path) else {
                return .tree(.object(["outcome": .string("unknown")]), status: 409)
            }
            return .tree(.object(["outcome": .string("submitted"), "order": order]), status: 409)
        }
    }
}
