import Core

/// An order, an execution and a life as rows of the books, and back.
extension SimOrder {
    func row(at place: Int) -> Tree {
        var fields: [Tree.Field] = [.init(name: "place", value: .count(place))]
        func add(_ name: String, _ value: Tree) { if !value.isNull { fields.append(.init(name: name, value: value)) } }
        for (name, text) in [
            ("id", id), ("client", clientOrderID), ("symbol", symbol), ("side", side), ("type", type),
            ("force", timeInForce), ("status", status),
        ] { add(name, .string(text)) }
        for (name, amount) in [
            ("qty", qty), ("notional", notional), ("limit", limitPrice), ("stop", stopPrice), ("trail", trailPrice),
            ("percent", trailPercent), ("filled", filledQty), ("money", filledMoney),
        ] { add(name, .amount(amount)) }
        for (name, time) in [
            ("created", createdAt), ("updated", updatedAt), ("filled_at", filledAt), ("canceled_at", canceledAt),
            ("expired_at", expiredAt), ("failed_at", failedAt), ("replaced_at", replacedAt),
        ] { add(name, time.map { .count(Int($0.nanoseconds)) } ?? .null) }
        if extendedHours { add("extended", .bool(true)) }
        add("replaced_by", .text(replacedBy))
        add("replaces", .text(replaces))
        if !executions.isEmpty { add("executions", .array(executions.map { .count($0) })) }
        return .object(fields)
    }

    init?(row: Tree) {
        guard let id = row["id"]?.string, let client = row["client"]?.string, let symbol = row["symbol"]?.string,
            let side = row["side"]?.string, let type = row["type"]?.string, let force = row["force"]?.string,
            let status = row["status"]?.string, let created = row.moment("created"),
            let updated = row.moment("updated"), let filled = row["filled"]?.amount, let money = row["money"]?.amount
        else { return nil }
        self.init(
            id: id, clientOrderID: client, symbol: symbol, side: side, type: type, timeInForce: force,
            createdAt: created, updatedAt: updated)
        self.status = status
        (filledQty, filledMoney) = (filled, money)
        (qty, notional) = (row["qty"]?.amount, row["notional"]?.amount)
        (limitPrice, stopPrice) = (row["limit"]?.amount, row["stop"]?.amount)
        (trailPrice, trailPercent) = (row["trail"]?.amount, row["percent"]?.amount)
        extendedHours = row["extended"]?.bool ?? false
        (filledAt, canceledAt, expiredAt) = (
            row.moment("filled_at"), row.moment("canceled_at"), row.moment("expired_at")
        )
        (failedAt, replacedAt) = (row.moment("failed_at"), row.moment("replaced_at"))
        (replacedBy, replaces) = (row["replaced_by"]?.string, row["replaces"]?.string)
        executions = row["executions"]?.elements.compactMap(\.integer) ?? []
    }
}

extension SimExecution {
    func row(at place: Int) -> Tree {
        .object([
            "place": .count(place), "id": .string(id), "order": .count(order), "qty": .amount(qty),
            "price": .amount(price), "at": .count(Int(at.nanoseconds)), "whole": .bool(isWhole),
            "cumulative": .amount(cumulative), "leaves": .amount(leaves), "status": .string(orderStatus),
            "hidden": .bool(isHidden), "busted": .bool(isBusted),
            "corrected": corrected.map { .object(["qty": .amount($0.qty), "price": .amount($0.price)]) },
        ])
    }

    init?(row: Tree) {
        guard let id = row["id"]?.string, let order = row["order"]?.integer, let qty = row["qty"]?.amount,
            let price = row["price"]?.amount, let at = row.moment("at"), let whole = row["whole"]?.bool,
            let cumulative = row["cumulative"]?.amount, let leaves = row["leaves"]?.amount,
            let status = row["status"]?.string, let hidden = row["hidden"]?.bool, let busted = row["busted"]?.bool
        else { return nil }
        self.init(
            id: id, order: order, qty: qty, price: price, at: at, isWhole: whole, cumulative: cumulative,
            leaves: leaves, orderStatus: status, isHidden: hidden)
        isBusted = busted
        if let corrected = row["corrected"], let qty = corrected["qty"]?.amount,
            let price = corrected["price"]?.amount
        {
            self.corrected = Correction(qty: qty, price: price)
        }
    }
}

extension AccessLog.Entry {
    init?(row: Tree) {
        guard let number = row["number"]?.integer, let kind = row["kind"]?.string, let text = row["at"]?.string,
            let at = try? Timestamp(text), let outcome = row["outcome"]?.string
        else { return nil }
        self.init(
            number: number, at: at, kind: kind, clientOrderID: row["client_order_id"]?.string,
            symbol: row["symbol"]?.string, qty: row["qty"]?.string, traceparent: row["traceparent"]?.string,
            orderID: row["order_id"]?.string, outcome: outcome)
    }
}

extension SimLives {
    /// What holds for all lives.
    var row: Tree {
        .object([
            "pace": .count(pace), "width": .count(width), "orders": .count(orders), "steps": .count(stepsTaken),
            "dice": .string(String(dice.state)),
        ])
    }
}

extension SimLives.Life {
    var row: Tree {
        .object([
            "chain": .count(chain), "steps": .array(steps.map { .string($0.text) }),
            "dice": .string(String(dice.state)), "hide": .count(chances.hide),
            "duplicate": .count(chances.duplicate), "late": .count(chances.late), "amend": .count(chances.amend),
        ])
    }

    init?(row: Tree, of order: Int) {
        guard let chain = row["chain"]?.integer, let state = row["dice"]?.string.flatMap(UInt64.init),
            let hide = row["hide"]?.integer, let duplicate = row["duplicate"]?.integer,
            let late = row["late"]?.integer, let amend = row["amend"]?.integer, let list = row["steps"]?.elements
        else { return nil }
        let steps = list.compactMap { $0.string.flatMap(LifeStep.init(text:)) }
        guard steps.count == list.count else { return nil }
        self.init(
            place: order, chain: chain, steps: steps[...],
            chances: LifeChances(hide: hide, duplicate: duplicate, late: late, amend: amend), dice: Dice(seed: state))
    }
}

extension LifeStep {
    var text: String {
        switch self {
        case .word(let word): "word \(word)"
        case .refuse(let word): "refuse \(word)"
        case .end(let word): "end \(word)"
        case .resume: "resume"
        case .restate: "restate"
        case .part: "part"
        case .whole: "whole"
        case .replace: "replace"
        case .bust: "bust"
        case .correct: "correct"
        }
    }

    init?(text: String) {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("word", 2): self = .word(parts[1])
        case ("refuse", 2): self = .refuse(parts[1])
        case ("end", 2): self = .end(parts[1])
        case ("resume", 1): self = .resume
        case ("restate", 1): self = .restate
        case ("part", 1): self = .part
        case ("whole", 1): self = .whole
        case ("replace", 1): self = .replace
        case ("bust", 1): self = .bust
        case ("correct", 1): self = .correct
        default: return nil
        }
    }
}

extension Tree {
    fileprivate func moment(_ name: String) -> Timestamp? {
        guard let number = self[name]?.integer else { return nil }
        return Timestamp(nanoseconds: Int64(number))
    }
}
