import Core
import HTTPServer

/// Reading, canceling and replacing orders.
struct AlpacaOrders: Sendable {
    let broker: SimBroker

    func get(_ id: String) -> HTTPServerResponse {
        let order = broker.change { state, _ in state.places[id].map { state.orders[$0].json } }
        return order.map { .tree($0) } ?? .refusal(.missing(id))
    }

    func get(clientOrderID id: String) -> HTTPServerResponse {
        let order = broker.change { state, _ in state.byClientID[id].map { state.orders[$0].json } }
        return order.map { .tree($0) } ?? .refusal(.missing(id))
    }

    func list(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let status = request.query("status") ?? "open"
        guard ["open", "closed", "all"].contains(status) else { return .refusal(.invalid("invalid status")) }
        guard let limit = Int(request.query("limit") ?? "50"), (1...500).contains(limit) else {
            return .refusal(.invalid("limit must be between 1 and 500"))
        }
        var bounds: [String: Timestamp] = [:]
        for name in ["after", "until"] {
            guard let text = request.query(name) else { continue }
            do { bounds[name] = try Timestamp(text) } catch { return .refusal(.invalid("invalid \(name)")) }
        }
        let symbols = request.query("symbols").map { Set($0.split(separator: ",").map(String.init)) }
        let isAscending = request.query("direction") == "asc"
        let orders = broker.change { [bounds] state, _ -> [Tree] in
            let page = min(limit, state.settings.maximumPage)
            // Places are in the order of submission.
            let places = status == "open" ? state.open.sorted() : Array(state.places(after: bounds["after"]))
            var found: [Tree] = []
            for place in isAscending ? places : places.reversed() {
                let order = state.orders[place]
                guard status == "all" || order.isOpen == (status == "open"),
                    symbols?.contains(order.symbol) ?? true,
                    bounds["after"].map({ order.createdAt > $0 }) ?? true,
                    bounds["until"].map({ order.createdAt < $0 }) ?? true
                else { continue }
                found.append(order.json)
                if found.count == page { break }
            }
            return found
        }
        return .tree(.array(orders))
    }

    func cancel(_ id: String) -> HTTPServerResponse {
        let refusal = broker.change { state, time -> SimRefusal? in
            let entry = state.log.note(
                "cancel", at: time, clientOrderID: state.places[id].map { state.orders[$0].clientOrderID },
                symbol: nil, qty: nil, outcome: "received")
            do throws(SimRefusal) { try state.cancel(id, at: time) } catch {
                state.log.settle(entry, outcome: "refused: \(error.message)", orderID: id)
                return error
            }
            state.log.settle(entry, outcome: "accepted", orderID: id)
            return nil
        }
        return refusal.map { .refusal($0) } ?? HTTPServerResponse(status: 204)
    }

    func cancelAll() -> HTTPServerResponse {
        let list = broker.change { state, time -> [Tree] in
            _ = state.log.note("cancel_all", at: time, clientOrderID: nil, symbol: nil, qty: nil, outcome: "accepted")
            return state.open.sorted().map { place in
                let id = state.orders[place].id
                do throws(SimRefusal) { try state.cancel(id, at: time) } catch {
                    return .object(["id": .string(id), "status": .count(500), "body": error.json])
                }
                return .object(["id": .string(id), "status": .count(200), "body": state.orders[place].json])
            }
        }
        return .tree(.array(list), status: 207)
    }

    func replace(_ id: String, _ request: HTTPServerRequest) -> HTTPServerResponse {
        guard let body = Tree(request.body), case .object = body else {
            return .refusal(SimRefusal(status: 400, code: 40_010_000, message: "request body format is invalid"))
        }
        let result = broker.change { state, time -> Result<Tree, SimRefusal> in
            let entry = state.log.note(
                "replace", at: time, clientOrderID: body["client_order_id"]?.string, symbol: nil,
                qty: body["qty"]?.amount?.description, outcome: "received")
            do throws(SimRefusal) {
                let order = try state.replace(id, body, at: time)
                state.log.settle(entry, outcome: "accepted", orderID: order.id)
                return .success(order.json)
            } catch {
                state.log.settle(entry, outcome: "refused: \(error.message)")
                return .failure(error)
            }
        }
        switch result {
        case .success(let order): return .tree(order)
        case .failure(let refusal): return .refusal(refusal)
        }
    }
}
