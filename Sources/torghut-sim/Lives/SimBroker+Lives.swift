import Core

/// What happens to orders that have a life of their own.
extension SimBroker.State {
    /// Puts an order on the books and plans its life.
    mutating func begin(_ order: SimOrder, _ chances: LifeChances, chain: Int = 0) {
        let place = place(order)
        let plan = LifePlan(dice: &lives.dice, chain: chain, chances)
        var chances = chances
        if plan.amends { chances.hide = 0 }
        lives.begin(
            SimLives.Life(
                place: place, chain: chain, steps: plan.steps[...], chances: chances,
                dice: Dice(seed: lives.dice.next())))
    }

    /// One step of one life; false when all of them have come to their end.
    mutating func live(at time: Timestamp) -> Bool {
        guard let index = lives.pick() else {
            guard !lives.post.isEmpty else { return false }
            updates += lives.post.flush()
            return true
        }
        var life = lives.unfinished[index]
        let step = life.steps.popFirst()
        // A request may have ended or replaced it meanwhile; what is amended is amended all the same.
        if let step, orders[life.place].isOpen || step == .bust || step == .correct { take(step, &life, at: time) }
        if life.steps.isEmpty { lives.finish(index) } else { lives.keep(life, at: index) }
        lives.stepsTaken += 1
        updates = lives.post.take(updates, life.chances, &life.dice)
        return true
    }

    private mutating func take(_ step: LifeStep, _ life: inout SimLives.Life, at time: Timestamp) {
        let place = life.place
        switch step {
        case .word(let word): say(word, of: place, standing: word, at: time)
        case .resume: say("new", of: place, standing: working(place), at: time)
        case .restate: say("restated", of: place, standing: orders[place].status, at: time)
        case .refuse(let word): say(word, of: place, standing: working(place), at: time)
        case .part: fill(life.dice.part(of: orders[place]), &life, at: time)
        case .whole: fill(nil, &life, at: time)
        case .end(let word): end(place, word, at: time)
        case .replace: replace(&life, at: time)
        case .bust: bust(&life, at: time)
        case .correct: correct(&life, at: time)
        }
    }

    private func working(_ place: Int) -> String { orders[place].filledQty.isZero ? "new" : "partially_filled" }

    private mutating func say(_ event: String, of place: Int, standing status: String, at time: Timestamp) {
        orders[place].status = status
        orders[place].updatedAt = time
        emit(event, orders[place], at: time)
    }

    /// A share that rounds to nothing is no fill.
    private mutating func fill(_ qty: Amount?, _ life: inout SimLives.Life, at time: Timestamp) {
        guard qty.map({ $0 > .zero }) ?? true else { return }
        let price = life.dice.price(near: orders[life.place].limitPrice ?? Amount(100))
        fill(life.place, qty, price, at: time, isHidden: life.dice.hits(life.chances.hide))
    }

    private mutating func replace(_ life: inout SimLives.Life, at time: Timestamp) {
        let old = orders[life.place]
        guard let rest = old.rest, rest > .zero else { return }
        let base = old.clientOrderID.split(separator: "-r").first.map(String.init) ?? old.clientOrderID
        var next = SimOrder(
            id: dice.uuid(), clientOrderID: "\(base)-r\(life.chain + 1)", symbol: old.symbol, side: old.side,
            type: old.type, timeInForce: old.timeInForce, createdAt: time, updatedAt: time)
        next.qty = Amount(units: rest.units + (life.dice.hits(500) ? Amount.unitsPerOne : 0))
        next.limitPrice = old.limitPrice
        next.replaces = old.id
        orders[life.place].status = "replaced"
        orders[life.place].replacedAt = time
        orders[life.place].replacedBy = next.id
        orders[life.place].updatedAt = time
        open.remove(life.place)
        emit("replaced", orders[life.place], at: time)
        begin(next, life.chances, chain: life.chain + 1)
    }

    /// One of its executions that `fits`.
    private func execution(
        of life: inout SimLives.Life, _ fits: (SimExecution) -> Bool
    ) -> (place: Int, effective: SimExecution.Correction)? {
        let all = orders[life.place].executions.filter { fits(executions[$0]) }
        guard !all.isEmpty else { return nil }
        let place = all[Int(life.dice.next() % UInt64(all.count))]
        return executions[place].effective.map { (place, $0) }
    }

    private mutating func bust(_ life: inout SimLives.Life, at time: Timestamp) {
        guard let (place, effective) = execution(of: &life, { !$0.isBusted }) else { return }
        executions[place].isBusted = true
        amend(life.place, from: effective, to: nil, at: time)
        emit("trade_bust", orders[life.place], at: time, report(place, effective, &life))
    }

    /// Once for each execution: a second correction would need the id of the first.
    private mutating func correct(_ life: inout SimLives.Life, at time: Timestamp) {
        let found = execution(of: &life) { !$0.isBusted && $0.corrected == nil }
        guard let (place, effective) = found else { return }
        let isLess = effective.qty > .one && life.dice.hits(250)
        let correction = SimExecution.Correction(
            qty: isLess ? Amount(units: effective.qty.units - Amount.unitsPerOne) : effective.qty,
            price: life.dice.price(near: effective.price))
        executions[place].corrected = correction
        amend(life.place, from: effective, to: correction, at: time)
        emit("trade_correct", orders[life.place], at: time, report(place, correction, &life))
    }

    /// Half of them have an id of their own and name the execution as the one before.
    private mutating func report(
        _ place: Int, _ said: SimExecution.Correction, _ life: inout SimLives.Life
    ) -> SliceReport {
        let isOwn = life.dice.hits(500)
        let id = executions[place].id
        return SliceReport(
            execution: isOwn ? dice.uuid() : id, qty: said.qty, price: said.price, previous: isOwn ? id : nil,
            isAmendment: true)
    }

    /// The order's sums and the account follow; an order that has ended stays ended.
    private mutating func amend(
        _ place: Int, from old: SimExecution.Correction, to new: SimExecution.Correction?, at time: Timestamp
    ) {
        let qty = (new?.qty.units ?? 0) - old.qty.units
        let money = Self.money(new) - Self.money(old)
        orders[place].filledQty = Amount(units: orders[place].filledQty.units + qty)
        orders[place].filledMoney = Amount(units: orders[place].filledMoney.units + money)
        orders[place].updatedAt = time
        if orders[place].status == "partially_filled" { orders[place].status = working(place) }
        move(orders[place], by: qty, money)
    }

    private static func money(_ slice: SimExecution.Correction?) -> Int128 {
        guard let slice else { return 0 }
        do { return try slice.qty.multiplied(by: slice.price).units } catch { return 0 }
    }
}

extension Dice {
    /// A quarter, a half or three quarters of what is left, in whole pieces where the order is for whole pieces.
    fileprivate mutating func part(of order: SimOrder) -> Amount {
        guard let rest = order.rest, rest > .zero else { return .zero }
        let share = Amount(units: rest.units * Int128(1 + next() % 3) / 4)
        let isWhole = order.qty?.isMultiple(of: .equity) ?? true
        return share.rounded(downTo: isWhole && !order.isCrypto ? .equity : .crypto)
    }

    /// Up to fifty cents away, and never nothing.
    fileprivate mutating func price(near price: Amount) -> Amount {
        let cents = Int128(next() % 101) - 50
        return Amount(units: max(Amount.unitsPerOne / 100, price.units + cents * Amount.unitsPerOne / 100))
    }
}
