internal import Core
internal import Domain

/// What an event changes, computed as a whole before the first row is touched, so that it can still be refused.
struct OrderChange {
    private let reading: OrderReading
    private var fills: [ExecutionFillRow] = []
    private var steps: [(client: String, step: Ledger.Step)] = []
    /// Links that were not known before.
    private var fresh: [OrderReading.Link] = []
    /// What is said of a broker's id alone, and whose orders it is.
    private var spoken: [(facts: OrderFacts, orders: [String])] = []

    init(_ reading: OrderReading, in tables: borrowing Executions.Tables) throws(Refusal) {
        self.reading = reading
        try reading.report?.check()
        try count(in: tables)
        try link(in: tables)
        try checkDecisions(in: tables)
        for broker in reading.brokers {
            let row = tables.brokers[BrokerOrderRow.Key(broker.alpaca, reading.scope)]
            spoken.append((broker.facts, row?.orders.ids ?? []))
        }
        try checkSums(in: tables)
    }

    /// The report's own execution.
    private mutating func count(in tables: borrowing Executions.Tables) throws(Refusal) {
        guard let report = reading.report else { return }
        let key = ExecutionFillRow.Key(report.execution, reading.scope)
        var fill = tables.fills[key] ?? ExecutionFillRow(key)
        let before = fill.step
        fill.take(report, reading.saying, at: reading.time)
        let (after, owners) = (fill.step, fill.orders.ids)
        if before != after {
            let step = Ledger.Step(qty: after.qty - before.qty, notional: after.notional - before.notional)
            for owner in owners { steps.append((owner, step)) }
        }
        let named: [String]
        if let order = reading.orders.first {
            named = [order.client.text]
        } else {
            let broker = report.alpaca.flatMap { tables.brokers[BrokerOrderRow.Key($0, reading.scope)] }
            named = broker?.orders.ids ?? []
            let known = broker?.executions
            guard known?.contains(report.execution.text) ?? false || known?.count ?? 0 < Executions.maximumExecutions
            else { throw Self.tooMany("executions under one broker's id") }
        }
        for owner in named { try own(&fill, owner) }
        fills.append(fill)
    }

    private mutating func own(_ fill: inout ExecutionFillRow, _ owner: String) throws(Refusal) {
        guard !fill.orders.contains(owner) else { return }
        guard fill.orders.count < Executions.maximumOrders else { throw Self.tooMany("orders of one execution") }
        fill.orders.insert(owner)
        steps.append((owner, fill.step))
    }

    /// A new link gives the order all that was said under the broker's id alone.
    private mutating func link(in tables: borrowing Executions.Tables) throws(Refusal) {
        for link in reading.links {
            let key = BrokerOrderRow.Key(link.alpaca, reading.scope)
            let row = tables.brokers[key] ?? BrokerOrderRow(key)
            guard !row.orders.contains(link.client.text) else { continue }
            guard row.orders.count < Executions.maximumOrders else {
                throw Self.tooMany("orders under one broker's id")
            }
            fresh.append(link)
            for id in row.executions.ids {
                let key = ExecutionFillRow.Key(ExecutionID(trusted: id), reading.scope)
                if let index = fills.firstIndex(where: { $0.key == key }) {
                    var fill = fills[index]
                    try own(&fill, link.client.text)
                    fills[index] = fill
                } else if var fill = tables.fills[key] {
                    try own(&fill, link.client.text)
                    fills.append(fill)
                }
            }
        }
    }

    private func checkDecisions(in tables: borrowing Executions.Tables) throws(Refusal) {
        for (client, decision) in reading.decisions {
            guard let row = tables.decisions[DecisionName(decision.hash, reading.scope)] else { continue }
            guard row.orders.contains(client.text) || row.orders.count < Executions.maximumOrders else {
                throw Self.tooMany("orders of one decision")
            }
        }
    }

    private func checkSums(in tables: borrowing Executions.Tables) throws(Refusal) {
        var ledgers: [String: Ledger] = [:]
        for (client, step) in steps {
            let name = OrderName(ClientOrderID(trusted: client), reading.scope)
            let ledger = ledgers[client] ?? tables.orders[name]?.ledger ?? Ledger()
            guard let sum = ledger.adding(step) else {
                throw Refusal(
                    .unstorable, at: "$.payload.fill_qty", "the fills of order \(client) are too large to add")
            }
            ledgers[client] = sum
        }
    }

    private static func tooMany(_ what: String) -> Refusal {
        Refusal(.foldRefused, at: "$.payload.alpaca_order_id", "too many \(what)")
    }
}

extension OrderChange {
    func apply(to tables: inout Executions.Tables) {
        let scope = reading.scope
        for order in reading.orders {
            let name = OrderName(order.client, scope)
            tables.orders.change(name, making: ExecutionRow(name)) { row in
                row.facts.merge(order.facts)
                row.route.merge(order.route)
            }
        }
        for (alpaca, facts) in reading.brokers {
            let key = BrokerOrderRow.Key(alpaca, scope)
            tables.brokers.change(key, making: BrokerOrderRow(key)) { $0.facts.merge(facts) }
        }
        for (facts, orders) in spoken {
            for id in orders {
                tables.orders.change(OrderName(ClientOrderID(trusted: id), scope)) { $0.facts.merge(facts) }
            }
        }
        for link in fresh {
            guard let row = tables.brokers[BrokerOrderRow.Key(link.alpaca, scope)] else { continue }
            tables.orders.change(OrderName(link.client, scope)) { $0.facts.merge(row.facts) }
        }
        for link in reading.links { apply(link, to: &tables) }
        for fill in fills { tables.fills.change(fill.key, making: fill) { $0 = fill } }
        if let report = reading.report, reading.orders.isEmpty, let alpaca = report.alpaca {
            tables.brokers.change(BrokerOrderRow.Key(alpaca, scope)) { $0.executions.insert(report.execution.text) }
        }
        for (client, step) in steps {
            tables.orders.change(OrderName(ClientOrderID(trusted: client), scope)) { row in
                guard let sum = row.ledger.adding(step) else { preconditionFailure("the sums were checked before") }
                row.ledger = sum
            }
        }
        for (client, decision) in reading.decisions { apply(decision, to: client, in: &tables) }
        settle(in: &tables)
    }

    private func apply(_ link: OrderReading.Link, to tables: inout Executions.Tables) {
        let key = BrokerOrderRow.Key(link.alpaca, reading.scope)
        if let row = tables.brokers[key], row.orders.contains(link.client.text), row.rank ?? .max <= link.rank {
            // Said before, and no better: the row stays as it is.
        } else {
            tables.brokers.change(key, making: BrokerOrderRow(key)) { row in
                row.orders.insert(link.client.text)
                row.rank.lower(to: link.rank)
            }
        }
        tables.orders.change(OrderName(link.client, reading.scope)) { row in
            row.linked.lower(to: ExecutionRow.Linked(rank: link.rank, id: link.alpaca))
        }
    }

    private func apply(
        _ decision: ExecutionRow.Decision, to client: ClientOrderID, in tables: inout Executions.Tables
    ) {
        let key = DecisionName(decision.hash, reading.scope)
        let known = tables.decisions[key]
        if known.map({ !$0.orders.contains(client.text) }) ?? true {
            tables.decisions.change(key, making: ExecutionDecisionRow(key)) { $0.orders.insert(client.text) }
        }
        tables.orders.change(OrderName(client, reading.scope)) { row in
            row.name(decision)
            if let price = known?.arrivalPrice { row.measure(by: price, of: decision.hash) }
        }
    }

    /// What follows from the parts is made anew for every order that changed.
    private func settle(in tables: inout Executions.Tables) {
        var changed = reading.orders.map(\.client.text)
        for (_, orders) in spoken { changed += orders.filter { !changed.contains($0) } }
        for (client, _) in steps where !changed.contains(client) { changed.append(client) }
        for client in changed {
            let name = OrderName(ClientOrderID(trusted: client), reading.scope)
            tables.orders.change(name) { $0.settle() }
            tables.measure(name)
        }
    }
}

extension ExecutionRow {
    mutating func name(_ decision: Decision) {
        guard self.decision.map({ decision < $0 }) ?? true else { return }
        self.decision = decision
        decisionID = RowNames.decision(decision.hash, key.symbol, of: key.account)
    }

    /// Of several decisions the one with the smallest hash measures.
    mutating func measure(by price: Amount, of hash: DecisionHash) {
        guard measure.map({ hash < $0.hash }) ?? true else { return }
        measure = Measure(hash: hash, price: price)
    }
}

extension ExecutionFillRow {
    mutating func take(_ report: OrderReading.Report, _ saying: Saying, at time: Moment) {
        alpaca.lower(to: report.alpaca)
        createdAt.lower(to: time)
        updatedAt.raise(to: time)
        switch (report.kind, report.slice) {
        case (.fill, let slice?): if filled.map({ slice.saying < $0.saying }) ?? true { filled = slice }
        case (.correction, let slice?): if corrected.map({ $0.saying < slice.saying }) ?? true { corrected = slice }
        default: isBusted = true
        }
    }
}
