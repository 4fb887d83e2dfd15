import Core

/// What an update says of one execution.
struct SliceReport: Sendable {
    let execution: String
    var qty: Amount?
    var price: Amount?
    /// The execution that it is about, where it has an id of its own.
    var previous: String?
    var isAmendment = false
}

/// How orders are filled, and what that does to the account.
extension SimBroker.State {
    mutating func emit(
        _ event: String, _ order: SimOrder, at time: Timestamp, _ slice: SliceReport? = nil
    ) {
        var fields: [Tree.Field] = [
            .init(name: "event", value: .string(event)), .init(name: "timestamp", value: .time(time)),
            .init(name: "order", value: order.json),
        ]
        if let slice {
            if let price = slice.price { fields.append(.init(name: "price", value: .amount(price))) }
            if let qty = slice.qty { fields.append(.init(name: "qty", value: .amount(qty))) }
            let position = positions[order.symbol]?.qty ?? .zero
            fields += [
                .init(name: "position_qty", value: .amount(position)),
                .init(name: "execution_id", value: .string(slice.execution)),
            ]
            if let previous = slice.previous {
                fields.append(.init(name: "previous_execution_id", value: .string(previous)))
            }
        }
        fields.append(.init(name: "event_id", value: .string(dice.uuid())))
        guard settings.updatesToLose == 0 else {
            settings.updatesToLose -= 1
            return
        }
        let update = TradeUpdate(
            json: .object(["stream": .string("trade_updates"), "data": .object(fields)]),
            isAmendment: slice?.isAmendment ?? false)
        for _ in 0..<max(1, settings.updateCopies) { updates.append(update) }
    }

    /// The price an order is filled at now, if it is.
    func price(for order: SimOrder) -> Amount? {
        let quote = quotes[order.symbol] ?? SimBroker.Quote(bid: Amount(100), ask: Amount(100))
        let side = order.isBuy ? quote.ask : quote.bid
        switch order.type {
        case "market": return slipped(side, order)
        case "limit":
            guard let limit = order.limitPrice else { return nil }
            return (order.isBuy ? side <= limit : side >= limit) ? side : nil
        case "stop":
            guard let stop = order.stopPrice else { return nil }
            return (order.isBuy ? side >= stop : side <= stop) ? slipped(side, order) : nil
        default: return nil
        }
    }

    /// The price made worse by what the script asks for; an order with a limit is filled at the quote, or not at all.
    private func slipped(_ price: Amount, _ order: SimOrder) -> Amount {
        let bps = settings.symbolSlippageBps[order.symbol] ?? settings.fillSlippageBps
        guard !bps.isZero else { return price }
        // Ten thousand basis points are the whole price.
        let whole = Int128(10_000) * 1_000_000_000
        let factor = order.isBuy ? whole + bps.units : whole - bps.units
        let (product, overflow) = price.units.multipliedReportingOverflow(by: factor)
        return overflow ? price : Amount(units: (product + whole / 2) / whole)
    }

    /// Fills what the market fills.
    mutating func match(_ place: Int, at time: Timestamp) {
        guard settings.fillsAtOnce, settings.isOpen || orders[place].isCrypto,
            ["new", "partially_filled"].contains(orders[place].status),
            let price = price(for: orders[place])
        else { return }
        if dice.hits(settings.partialPerMille), let rest = orders[place].rest {
            let part = Amount(units: rest.units / 2).rounded(downTo: orders[place].isCrypto ? .crypto : .equity)
            if !part.isZero { fill(place, part, price, at: time) }
        }
        fill(place, nil, price, at: time)
    }

    /// Fills a quantity, or all that is left; a hidden fill is told to nobody.
    mutating func fill(
        _ place: Int, _ asked: Amount?, _ price: Amount, at time: Timestamp, isHidden: Bool = false
    ) {
        var order = orders[place]
        guard order.isOpen else { return }
        if order.qty == nil, let notional = order.notional {
            do { order.qty = try notional.divided(by: price, rounding: .down) } catch { return }
        }
        guard let rest = order.rest, rest > .zero else { return }
        let qty = min(asked ?? rest, rest)
        guard qty > .zero, let money = try? qty.multiplied(by: price) else { return }
        order.filledQty = Amount(units: order.filledQty.units + qty.units)
        order.filledMoney = Amount(units: order.filledMoney.units + money.units)
        order.updatedAt = time
        let isWhole = order.filledQty == order.qty
        // What was asked for and not answered yet still stands.
        let isAsked = ["pending_cancel", "pending_replace"].contains(order.status)
        order.status = isWhole ? "filled" : isAsked ? order.status : "partially_filled"
        if isWhole { order.filledAt = time }
        let execution = SimExecution(
            id: dice.uuid(), order: place, qty: qty, price: price, at: time, isWhole: isWhole,
            cumulative: order.filledQty, leaves: order.rest ?? .zero, orderStatus: order.status, isHidden: isHidden)
        order.executions.append(executions.append(execution))
        orders[place] = order
        if isWhole { open.remove(place) }
        move(order, by: qty.units, money.units)
        guard !isHidden else { return }
        let slice = SliceReport(execution: execution.id, qty: qty, price: price)
        emit(isWhole ? "fill" : "partial_fill", order, at: time, slice)
    }

    /// The account follows what its orders do.
    mutating func move(_ order: SimOrder, by qty: Int128, _ money: Int128) {
        let sign: Int128 = order.isBuy ? 1 : -1
        var position = positions[order.symbol] ?? SimBroker.Position()
        position.qty = Amount(units: position.qty.units + sign * qty)
        position.cost = Amount(units: position.cost.units + sign * money)
        positions[order.symbol] = position.qty.isZero ? nil : position
        cash = Amount(units: cash.units - sign * money)
    }

    /// Ends an order that is open, with the event of that name.
    mutating func end(_ place: Int, _ status: String, at time: Timestamp) {
        guard orders[place].isOpen else { return }
        orders[place].status = status
        orders[place].updatedAt = time
        open.remove(place)
        switch status {
        case "canceled": orders[place].canceledAt = time
        case "expired": orders[place].expiredAt = time
        case "rejected": orders[place].failedAt = time
        default: break
        }
        emit(status, orders[place], at: time)
    }

    mutating func quote(_ symbol: String, _ quote: SimBroker.Quote, at time: Timestamp) {
        quotes[symbol] = quote
        for place in open.sorted() where orders[place].symbol == symbol {
            match(place, at: time)
        }
    }

    /// What open buys hold back.
    var reserved: Amount {
        var units: Int128 = 0
        for place in open {
            let order = orders[place]
            guard order.isBuy else { continue }
            let price = order.limitPrice ?? quotes[order.symbol]?.ask ?? Amount(100)
            let money = order.rest.flatMap { try? $0.multiplied(by: price) } ?? order.notional ?? .zero
            units += money.units
        }
        return Amount(units: units)
    }
}
