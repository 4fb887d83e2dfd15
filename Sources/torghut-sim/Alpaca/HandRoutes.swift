import Core
import HTTPServer

/// What somebody does to the account without an order: money that comes and goes, shares that are booked.
struct HandRoutes: Sendable {
    let broker: SimBroker

    func add(to routes: inout HTTPRoutes) {
        routes.on("POST", "/_sim/account") { request, _ in
            guard let body = Tree(request.body) else { return .text("no JSON\n", status: 400) }
            broker.change { state, _ in
                if let cash = body["cash"]?.amount { state.cash = cash }
                guard let symbol = body["symbol"]?.string, let qty = body["qty"]?.amount else { return }
                var position = state.positions[symbol] ?? SimBroker.Position()
                position.qty = qty
                state.positions[symbol] = qty.isZero ? nil : position
            }
            return .tree(.object([:]))
        }
    }
}
