import Core
import HTTPServer

/// What really happened, hidden executions included: for whoever compares at the end of a day.
struct BooksRoutes: Sendable {
    let broker: SimBroker

    func add(to routes: inout HTTPRoutes) {
        routes.on("GET", "/_sim/books") { request, _ in books(request) }
        routes.on("POST", "/_sim/account") { request, _ in account(request) }
    }

    /// A page of orders in the order they were made; `next` is where the following page begins, `null` at the end.
    private func books(_ request: HTTPServerRequest) -> HTTPServerResponse {
        guard let from = Int(request.query("from") ?? "0"), from >= 0,
            let limit = Int(request.query("limit") ?? "1000"), (1...10_000).contains(limit)
        else { return .text("from is a place, limit a number from 1 to 10000\n", status: 400) }
        return .tree(
            broker.change { state, _ in
                let end = min(state.orders.count, from + limit)
                let orders = from < end ? state.orders[from..<end].map { Self.json($0, state.executions) } : []
                let positions = state.positions.all.sorted { $0.key < $1.key }.map { symbol, position in
                    Tree.Field(
                        name: symbol,
                        value: .object(["qty": .amount(position.qty), "cost": .amount(position.cost)]))
                }
                return .object([
                    "orders": .array(orders), "total": .count(state.orders.count),
                    "next": end < state.orders.count ? .count(end) : .null,
                    "executions": .count(state.executions.rows.count), "cash": .amount(state.cash),
                    "positions": .object(positions),
                ])
            })
    }

    private static func json(_ order: SimOrder, _ executions: SimLedger) -> Tree {
        .object([
            "id": .string(order.id), "client_order_id": .string(order.clientOrderID), "symbol": .string(order.symbol),
            "side": .string(order.side), "status": .string(order.status), "qty": .amount(order.qty),
            "filled_qty": .amount(order.filledQty), "filled_avg_price": .amount(order.filledAvgPrice),
            "replaces": .text(order.replaces), "replaced_by": .text(order.replacedBy),
            "updated_at": .time(order.updatedAt),
            "executions": .array(
                order.executions.map { place in
                    let execution = executions[place]
                    let corrected = execution.corrected.map { correction in
                        Tree.object(["qty": .amount(correction.qty), "price": .amount(correction.price)])
                    }
                    return .object([
                        "id": .string(execution.id), "qty": .amount(execution.qty),
                        "price": .amount(execution.price), "at": .time(execution.at),
                        "busted": .bool(execution.isBusted), "corrected": corrected,
                        "hidden": .bool(execution.isHidden),
                    ])
                }),
        ])
    }

    /// Changes the account by hand, as a deposit, a corporate action or somebody else would: no order tells of it.
    private func account(_ request: HTTPServerRequest) -> HTTPServerResponse {
        guard let body = Tree(request.body), case .object = body else { return .text("no JSON\n", status: 400) }
        var changes: [(String, SimBroker.Position?)] = []
        if case .object(let fields)? = body["positions"] {
            for field in fields {
                guard let qty = field.value.amount ?? field.value["qty"]?.amount else {
                    return .text("a position is a quantity, or has qty and cost\n", status: 400)
                }
                let cost = field.value["cost"]?.amount ?? (try? qty.multiplied(by: Amount(100))) ?? .zero
                changes.append((field.name, qty.isZero ? nil : SimBroker.Position(qty: qty, cost: cost)))
            }
        }
        let cash = body["cash"]?.amount
        guard cash != nil || !changes.isEmpty else { return .text("cash or positions\n", status: 400) }
        broker.change { [changes] state, _ in
            if let cash { state.cash = cash }
            for (symbol, position) in changes { state.positions[symbol] = position }
        }
        return .tree(.object([:]))
    }
}
