import Core

/// Making, changing and ending orders.
extension SimBroker.State {
    /// An order from a request's body, or why there is none.
    mutating func draft(_ body: Tree, at time: Timestamp) throws(SimRefusal) -> SimOrder {
        guard let symbol = body["symbol"]?.string, !symbol.isEmpty else { throw .invalid("symbol is required") }
        let types = ["market", "limit", "stop", "stop_limit", "trailing_stop"]
        guard let side = body["side"]?.string, ["buy", "sell"].contains(side) else { throw .invalid("invalid side") }
        guard let type = body["type"]?.string, types.contains(type) else { throw .invalid("invalid type") }
        let times = ["day", "gtc", "opg", "cls", "ioc", "fok"]
        guard let force = body["time_in_force"]?.string, times.contains(force) else {
            throw .invalid("invalid time_in_force")
        }
        let clientID = body["client_order_id"]?.string ?? dice.uuid()
        guard clientID.utf8.count <= 128 else { throw .invalid("client_order_id must be no more than 128 characters") }
        var order = SimOrder(
            id: dice.uuid(), clientOrderID: clientID, symbol: symbol, side: side, type: type, timeInForce: force,
            createdAt: time, updatedAt: time)
        func number(_ name: String) throws(SimRefusal) -> Amount? {
            guard let value = body[name], !value.isNull else { return nil }
            guard let amount = value.amount, amount > .zero else { throw .invalid("\(name) must be > 0") }
            return amount
        }
        order.qty = try number("qty")
        order.notional = try number("notional")
        guard (order.qty == nil) != (order.notional == nil) else { throw .invalid("qty or notional is required") }
        order.limitPrice = try number("limit_price")
        order.stopPrice = try number("stop_price")
        order.trailPrice = try number("trail_price")
        order.trailPercent = try number("trail_percent")
        order.extendedHours = body["extended_hours"]?.bool ?? false
        guard order.limitPrice != nil || !["limit", "stop_limit"].contains(type) else {
            throw .invalid("limit orders require limit price")
        }
        guard order.stopPrice != nil || !["stop", "stop_limit"].contains(type) else {
            throw .invalid("stop orders require stop price")
        }
        return order
    }

    func check(_ order: SimOrder) throws(SimRefusal) {
        guard !settings.isBlocked else {
            throw SimRefusal(status: 403, code: 40_310_000, message: "account is restricted to liquidation only")
        }
        guard !untradable.contains(order.symbol) else {
            throw SimRefusal(status: 422, code: 42_210_000, message: "asset \"\(order.symbol)\" is not active")
        }
        guard !settings.hasUniqueClientOrderIDs || byClientID[order.clientOrderID] == nil else {
            throw .invalid("client_order_id must be unique")
        }
        let held = positions[order.symbol]?.qty ?? .zero
        if !order.isBuy, !settings.allowsShorts, let qty = order.qty, qty > held {
            throw SimRefusal(status: 403, code: 40_310_000, message: "insufficient qty available for order")
        }
        guard order.isBuy else { return }
        let price = order.limitPrice ?? quotes[order.symbol]?.ask ?? Amount(100)
        let cost = order.qty.flatMap { try? $0.multiplied(by: price) } ?? order.notional ?? .maximum
        guard cost.units <= cash.units - reserved.units else { throw .poor }
    }

    /// Puts an order on the books.
    mutating func place(_ order: SimOrder) -> Int {
        let place = orders.count
        orders.append(order)
        places[order.id] = place
        open.insert(place)
        byClientID[order.clientOrderID] = place
        return place
    }

    /// Places of the orders that were made after a moment; times of orders only grow.
    func places(after moment: Timestamp?) -> Range<Int> {
        guard let moment else { return 0..<orders.count }
        var (low, high) = (0, orders.count)
        while low < high {
            let middle = (low + high) / 2
            if orders[middle].createdAt > moment { high = middle } else { low = middle + 1 }
        }
        return low..<orders.count
    }

    /// Takes the first outcome of the script that fits.
    mutating func outcome(for order: SimOrder) -> Outcome? {
        guard let index = outcomes.firstIndex(where: { $0.fits(order) }) else { return nil }
        let outcome = outcomes[index]
        outcomes[index].times -= 1
        if outcomes[index].times <= 0 { outcomes.remove(at: index) }
        return outcome
    }

    /// What happens to a new order after it was accepted.
    mutating func work(_ place: Int, _ action: Outcome.Action?, at time: Timestamp) {
        if action == .rejectLater { return end(place, "rejected", at: time) }
        orders[place].status = "new"
        emit("new", orders[place], at: time)
        switch action {
        case .rest: break
        case .fill: fill(place, nil, price(for: orders[place]) ?? fallback(orders[place]), at: time)
        case .partial:
            let half = orders[place].rest.map { Amount(units: max(1, $0.units / 2)) }
            fill(place, half, price(for: orders[place]) ?? fallback(orders[place]), at: time)
        default: match(place, at: time)
        }
        let force = orders[place].timeInForce
        if ["ioc", "fok"].contains(force), action != .rest { end(place, "canceled", at: time) }
    }

    private func fallback(_ order: SimOrder) -> Amount { order.limitPrice ?? order.stopPrice ?? Amount(100) }

    mutating func cancel(_ id: String, at time: Timestamp) throws(SimRefusal) {
        guard let place = places[id] else { throw .missing(id) }
        guard orders[place].isOpen else {
            let message = "order is already in \"\(orders[place].status)\" state"
            throw SimRefusal(status: 422, code: 42_210_000, message: message)
        }
        guard orders[place].status != "pending_cancel" else { return }
        orders[place].status = "pending_cancel"
        orders[place].updatedAt = time
        emit("pending_cancel", orders[place], at: time)
        if settings.cancelsAtOnce { end(place, "canceled", at: time) }
    }

    /// The new order; the old one keeps what it has filled, and the new one is for what is left of the new quantity.
    mutating func replace(_ id: String, _ body: Tree, at time: Timestamp) throws(SimRefusal) -> SimOrder {
        guard let old = places[id] else { throw .missing(id) }
        let order = orders[old]
        guard order.isOpen, order.status != "pending_cancel" else {
            throw SimRefusal(status: 422, code: 42_210_000, message: "order is not open")
        }
        let clientID = body["client_order_id"]?.string ?? dice.uuid()
        guard !settings.hasUniqueClientOrderIDs || byClientID[clientID] == nil else {
            throw .invalid("client_order_id must be unique")
        }
        let asked = body["qty"]?.amount ?? order.qty
        guard let asked, asked > order.filledQty else { throw .invalid("qty must be > filled_qty") }
        var next = SimOrder(
            id: dice.uuid(), clientOrderID: clientID, symbol: order.symbol, side: order.side, type: order.type,
            timeInForce: body["time_in_force"]?.string ?? order.timeInForce, createdAt: time, updatedAt: time)
        next.qty = Amount(units: asked.units - order.filledQty.units)
        next.limitPrice = body["limit_price"]?.amount ?? order.limitPrice
        next.stopPrice = body["stop_price"]?.amount ?? order.stopPrice
        next.trailPrice = body["trail"]?.amount ?? order.trailPrice
        next.replaces = id
        orders[old].status = "replaced"
        open.remove(old)
        orders[old].replacedAt = time
        orders[old].replacedBy = next.id
        orders[old].updatedAt = time
        emit("replaced", orders[old], at: time)
        let new = place(next)
        work(new, nil, at: time)
        return orders[new]
    }
}
