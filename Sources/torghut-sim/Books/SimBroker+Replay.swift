import Core

/// The books as they were left, page by page.
extension SimBroker.State {
    /// False when the page does not follow those before it.
    mutating func replay(_ page: Tree) -> Bool {
        for row in page["orders"]?.elements ?? [] { guard restore(order: row) else { return false } }
        for row in page["executions"]?.elements ?? [] {
            guard let place = row["place"]?.integer, let execution = SimExecution(row: row),
                orders.indices.contains(execution.order), executions.restore(execution, at: place)
            else { return false }
        }
        for row in page["log"]?.elements ?? [] {
            guard let entry = AccessLog.Entry(row: row), log.restore(entry) else { return false }
        }
        for row in page["positions"]?.elements ?? [] {
            guard let symbol = row["symbol"]?.string else { return false }
            positions[symbol] = row["qty"]?.amount.map { .init(qty: $0, cost: row["cost"]?.amount ?? .zero) }
        }
        for row in page["quotes"]?.elements ?? [] {
            guard let symbol = row["symbol"]?.string, let bid = row["bid"]?.amount, let ask = row["ask"]?.amount else {
                return false
            }
            quotes[symbol] = .init(bid: bid, ask: ask)
        }
        guard restore(lives: page), restore(account: page) else { return false }
        guard let at = page["at"]?.integer, let state = page["dice"]?.string.flatMap(UInt64.init) else { return false }
        lastTime = max(lastTime, Timestamp(nanoseconds: Int64(at)))
        dice = Dice(seed: state)
        return true
    }

    private mutating func restore(order row: Tree) -> Bool {
        guard let place = row["place"]?.integer, let order = SimOrder(row: row) else { return false }
        let isNew = place == orders.count
        guard orders.restore(order, at: place) else { return false }
        places[order.id] = place
        if isNew { byClientID[order.clientOrderID] = place }
        if order.isOpen { open.insert(place) } else { open.remove(place) }
        return true
    }

    private mutating func restore(account page: Tree) -> Bool {
        if let value = page["cash"] {
            guard let amount = value.amount else { return false }
            cash = amount
        }
        if let value = page["settings"] { guard settings.apply(value) == nil else { return false } }
        if let value = page["untradable"] { untradable = Set(value.elements.compactMap(\.string)) }
        return true
    }

    private mutating func restore(lives page: Tree) -> Bool {
        guard let row = page["living"] else { return true }
        guard let pace = row["pace"]?.integer, let width = row["width"]?.integer, let count = row["orders"]?.integer,
            let steps = row["steps"]?.integer, let state = row["dice"]?.string.flatMap(UInt64.init)
        else { return false }
        (lives.pace, lives.width, lives.dice) = (pace, width, Dice(seed: state))
        var left: [(order: Int, life: SimLives.Life?)] = []
        for entry in page["lives"]?.elements ?? [] {
            guard let order = entry["order"]?.integer else { return false }
            let life = entry["life"].flatMap { $0.isNull ? nil : $0 }
            guard let life else {
                left.append((order, nil))
                continue
            }
            guard let read = SimLives.Life(row: life, of: order) else { return false }
            left.append((order, read))
        }
        lives.restore(left, orders: count, steps: steps)
        return true
    }
}
