import Core
import HTTPServer

/// The script's way in: it moves the market, decides what becomes of orders, and reads what came in.
struct ControlRoutes: Sendable {
    let broker: SimBroker

    func add(to routes: inout HTTPRoutes) {
        HandRoutes(broker: broker).add(to: &routes)
        routes.on("GET", "/_sim/log") { request, _ in log(request) }
        routes.on("GET", "/_sim/summary") { _, _ in summary() }
        routes.on("POST", "/_sim/settings") { request, _ in
            change(request) { body, state, _ in state.settings.apply(body) }
        }
        routes.on("POST", "/_sim/outcomes") { request, _ in
            change(request) { body, state, _ in
                let list = body.elements.isEmpty ? [body] : body.elements
                for tree in list {
                    guard let outcome = Outcome(tree) else { return "an outcome names an action that there is" }
                    state.outcomes.append(outcome)
                }
                return nil
            }
        }
        routes.on("POST", "/_sim/quotes") { request, _ in quote(request) }
        routes.on("POST", "/_sim/trades") { request, _ in market(request, "trades", "t") }
        routes.on("POST", "/_sim/bars") { request, _ in market(request, "bars", "b") }
        routes.on("POST", "/_sim/orders/:id/:event") { request, parameters in
            event(request, parameters["id"], parameters["event"])
        }
        routes.on("POST", "/_sim/assets/:symbol") { request, parameters in
            let symbol = parameters["symbol"]
            return change(request) { body, state, _ in
                if body["tradable"]?.bool == false {
                    state.untradable.insert(symbol)
                } else {
                    state.untradable.remove(symbol)
                }
                return nil
            }
        }
        routes.on("POST", "/_sim/streams/drop") { _, _ in
            broker.hub.dropAll()
            return .tree(.object([:]))
        }
        routes.on("GET", "/_sim/streams") { _, _ in
            let listeners = broker.hub.listeners
            return .tree(.object(["updates": .count(listeners.updates), "market": .count(listeners.market)]))
        }
    }

    private func change(
        _ request: HTTPServerRequest, _ body: (Tree, inout SimBroker.State, Timestamp) -> String?
    ) -> HTTPServerResponse {
        guard let tree = Tree(request.body) else { return .text("no JSON\n", status: 400) }
        let problem = broker.change { state, time in body(tree, &state, time) }
        return problem.map { .text($0 + "\n", status: 400) } ?? .tree(.object([:]))
    }

    private func log(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let (clientID, kind) = (request.query("client_order_id"), request.query("kind"))
        let from = Int(request.query("from") ?? "0") ?? 0
        let limit = 10_000
        return .tree(
            broker.change { state, _ in
                let found = state.log.entries.dropFirst(max(0, from)).lazy.filter {
                    (clientID == nil || $0.clientOrderID == clientID) && (kind == nil || $0.kind == kind)
                }
                return .object([
                    "entries": .array(found.prefix(limit).map(\.json)), "total": .count(state.log.entries.count),
                    "uncounted": .count(state.log.uncounted),
                ])
            })
    }

    /// Per client order id: submits received, orders made, orders that live or have filled.
    private func summary() -> HTTPServerResponse {
        .tree(
            broker.change { state, _ in
                var submits: [String: Int] = [:]
                var names: [String] = []
                for entry in state.log.entries where entry.kind == "submit" || entry.kind == "replace" {
                    let id = entry.clientOrderID ?? ""
                    if submits[id] == nil { names.append(id) }
                    submits[id, default: 0] += 1
                }
                var made: [String: Int] = [:]
                var live: [String: Int] = [:]
                for order in state.orders {
                    made[order.clientOrderID, default: 0] += 1
                    if order.isOpen || !order.filledQty.isZero { live[order.clientOrderID, default: 0] += 1 }
                }
                let ids = names.map { id -> Tree in
                    .object([
                        "client_order_id": .string(id), "submits": .count(submits[id] ?? 0),
                        "orders": .count(made[id] ?? 0), "live_or_filled": .count(live[id] ?? 0),
                    ])
                }
                return .object([
                    "orders": .count(state.orders.count), "open": .count(state.open.count),
                    "submits": .count(state.log.entries.count { $0.kind == "submit" }),
                    "replaces": .count(state.log.entries.count { $0.kind == "replace" }),
                    "most_live_or_filled": .count(live.values.max() ?? 0), "client_order_ids": .array(ids),
                ])
            })
    }

    private func quote(_ request: HTTPServerRequest) -> HTTPServerResponse {
        guard let body = Tree(request.body), let symbol = body["symbol"]?.string, let bid = body["bid"]?.amount,
            let ask = body["ask"]?.amount
        else { return .text("a quote has symbol, bid and ask\n", status: 400) }
        broker.tell(
            SimBroker.Quote(bid: bid, ask: ask), of: symbol,
            sizes: (body["bid_size"]?.integer ?? 1, body["ask_size"]?.integer ?? 1))
        return .tree(.object([:]))
    }

    private func market(_ request: HTTPServerRequest, _ channel: String, _ kind: String) -> HTTPServerResponse {
        guard let body = Tree(request.body), let symbol = body["S"]?.string else {
            return .text("a market event has S\n", status: 400)
        }
        let time = broker.change { _, time in time }
        let stamped = body["t"] == nil ? body.with(["t": .time(time)]) : body
        broker.hub.publishMarket(channel, symbol, stamped.with(["T": .string(kind)]))
        return .tree(.object([:]))
    }

    private func event(_ request: HTTPServerRequest, _ id: String, _ name: String) -> HTTPServerResponse {
        change(request) { body, state, time in
            guard let place = state.places[id] ?? state.byClientID[id] else { return "there is no order '\(id)'" }
            switch name {
            case "fill":
                guard let price = body["price"]?.amount else { return "a fill has a price" }
                state.fill(place, body["qty"]?.amount, price, at: time)
            case "cancel": state.end(place, "canceled", at: time)
            case "expire": state.end(place, "expired", at: time)
            case "reject": state.end(place, "rejected", at: time)
            case "done_for_day":
                state.orders[place].status = "done_for_day"
                state.emit("done_for_day", state.orders[place], at: time)
            default: return "there is no event '\(name)'"
            }
            return nil
        }
    }
}
