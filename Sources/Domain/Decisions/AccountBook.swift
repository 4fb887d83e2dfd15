internal import Core

/// One account: its facts, and our orders that they do not show yet.
struct AccountBook: Sendable, Equatable {
    private(set) var facts: AccountFacts?
    private var orders: [DecisionHash: OrderInPlay] = [:]
    /// Decisions by symbol, in the order they came.
    private var bySymbol: [Symbol: [DecisionHash]] = [:]
    private var lastIntents: [Lane: Timestamp] = [:]
    /// What our orders take, and may add to the worth of positions, beyond the facts.
    private(set) var reserved = Amount.zero
    private(set) var pendingGross = Amount.zero
    private(set) var pendingNet = Amount.zero

    /// A cooldown is for one strategy and symbol.
    struct Lane: Hashable, Sendable {
        let strategy: StrategyID
        let symbol: Symbol
    }

    var orderCount: Int { orders.count }

    func orders(of symbol: Symbol) -> [OrderInPlay] { (bySymbol[symbol] ?? []).compactMap { orders[$0] } }

    func lastIntent(of strategy: StrategyID, _ symbol: Symbol) -> Timestamp? {
        lastIntents[Lane(strategy: strategy, symbol: symbol)]
    }

    /// The position with everything that may still come to it, signed.
    func projected(_ symbol: Symbol) -> Amount {
        var qty = facts?.positions[symbol]?.qty ?? .zero
        for order in orders(of: symbol) {
            let pending = order.pending(in: facts?.asOf)
            qty = order.side == .buy ? qty.plus(pending) : qty.less(pending)
        }
        return qty
    }

    /// What may be sold without going short: what is held and free, less our own sales that the facts do not show.
    func sellable(_ symbol: Symbol) -> Amount {
        guard let row = facts?.positions[symbol], row.qty > .zero else { return .zero }
        // The broker holds back what its open orders sell, so of those that it had, nothing is taken twice.
        let ours = orders(of: symbol).filter { $0.side == .sell }.reduce(Amount.zero) { sum, order in
            let isShown = order.settledAt.map { settled in facts.map { settled < $0.asOf } ?? false } ?? false
            return isShown && order.isOpen ? sum : sum.plus(order.pending(in: facts?.asOf))
        }
        return max(.zero, min(row.qty, row.available).less(ours))
    }

    /// Symbols with a position, or with an order that may make one.
    func symbolsInPlay(besides symbol: Symbol) -> Int {
        let held = facts?.positions.rows.count { $0.symbol != symbol } ?? 0
        let coming = bySymbol.count { entry in
            entry.key != symbol && facts?.positions[entry.key] == nil
                && entry.value.contains { orders[$0].map { !$0.pending(in: facts?.asOf).isZero } ?? false }
        }
        return held + coming
    }
}

extension AccountBook {
    mutating func observe(_ snapshot: AccountSnapshotObserved, at offset: Int64) {
        // Facts only get younger.
        if let facts, facts.asOf > snapshot.asOf { return }
        facts = AccountFacts(snapshot, at: offset)
        let gone = orders.filter { $0.value.closedAt.map { $0 < snapshot.asOf } ?? false }
        for order in gone.values.sorted(by: { $0.decision < $1.decision }) { drop(order) }
        sum()
    }

    private mutating func drop(_ order: OrderInPlay) {
        orders[order.decision] = nil
        bySymbol[order.symbol]?.removeAll { $0 == order.decision }
        if bySymbol[order.symbol]?.isEmpty == true { bySymbol[order.symbol] = nil }
    }

    /// Sums are taken anew when the facts change, and kept up to date between.
    private mutating func sum() {
        (reserved, pendingGross, pendingNet) = (.zero, .zero, .zero)
        // Adding amounts gives the same in every order, unless they leave the range; then no limit allows them.
        for order in orders.values.sorted(by: { $0.decision < $1.decision }) { count(order, adding: true) }
    }

    private mutating func count(_ order: OrderInPlay, adding: Bool) {
        let asOf = facts?.asOf
        let worth = order.pending(in: asOf).times(order.price)
        let signed = (order.side == .buy) == adding ? worth : Amount.zero.less(worth)
        let taken = order.reserved(in: asOf)
        reserved = adding ? reserved.plus(taken) : reserved.less(taken)
        pendingGross = adding ? pendingGross.plus(worth) : pendingGross.less(worth)
        pendingNet = pendingNet.plus(signed)
    }

    mutating func add(_ order: OrderInPlay, of strategy: StrategyID, decidedAt: Timestamp) {
        guard orders[order.decision] == nil else { return }
        orders[order.decision] = order
        bySymbol[order.symbol, default: []].append(order.decision)
        count(order, adding: true)
        let lane = Lane(strategy: strategy, symbol: order.symbol)
        lastIntents[lane] = max(lastIntents[lane] ?? decidedAt, decidedAt)
    }

    mutating func change(_ decision: DecisionHash, _ change: (inout OrderInPlay) -> Void) {
        guard let before = orders[decision] else { return }
        var after = before
        change(&after)
        guard after != before else { return }
        count(before, adding: false)
        orders[decision] = after
        count(after, adding: true)
    }

    /// Forgets intents that no cooldown reaches, and closed orders that no facts will ever show.
    mutating func forget(before limit: Timestamp) {
        lastIntents = lastIntents.filter { $0.value >= limit }
        let gone = orders.filter { $0.value.closedAt.map { $0 < limit } ?? false }
        for order in gone.values.sorted(by: { $0.decision < $1.decision }) {
            count(order, adding: false)
            drop(order)
        }
    }
}

/// A row of a snapshot: the last intent of one strategy for one symbol.
struct LastIntentRow: FieldRecord {
    var strategy: StrategyID
    var symbol: Symbol
    var decidedAt: Timestamp

    init(strategy: StrategyID, symbol: Symbol, decidedAt: Timestamp) {
        self.strategy = strategy
        self.symbol = symbol
        self.decidedAt = decidedAt
    }

    init(unread: Unread) {
        strategy = unread()
        symbol = unread()
        decidedAt = unread()
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("strategy", &strategy, "Whose.")
        try fields.field("symbol", &symbol, "For what.")
        try fields.field("decided_at", &decidedAt, "When.")
    }
}

extension AccountBook {
    func write(to writer: inout StateWriter) {
        writer.rows(facts.map { [$0] } ?? [])
        // Orders of one symbol keep the order they came in; the symbols stand in the order of their names.
        let symbols = bySymbol.sorted { $0.key < $1.key }
        writer.rows(symbols.flatMap { $0.value.compactMap { orders[$0] } })
        let rows = lastIntents.map {
            LastIntentRow(strategy: $0.key.strategy, symbol: $0.key.symbol, decidedAt: $0.value)
        }
        writer.rows(rows.sorted { ($0.strategy, $0.symbol) < ($1.strategy, $1.symbol) })
    }

    init(from reader: inout StateReader) throws(StateFault) {
        facts = try reader.rows(of: AccountFacts.self).first
        for order in try reader.rows(of: OrderInPlay.self) {
            orders[order.decision] = order
            bySymbol[order.symbol, default: []].append(order.decision)
        }
        for row in try reader.rows(of: LastIntentRow.self) {
            lastIntents[Lane(strategy: row.strategy, symbol: row.symbol)] = row.decidedAt
        }
        sum()
    }
}
