internal import Core

/// One account: its facts, and our orders that they do not show yet.
struct AccountBook: Sendable {
    private struct NumberedOrder: Sendable {
        var order: OrderInPlay
        /// The place among all orders, in the order they came.
        let number: Int
    }

    private(set) var facts: AccountFacts?
    private var orders: [DecisionHash: NumberedOrder] = [:]
    private var symbols: [Symbol: SymbolBook] = [:]
    private var nextNumber = 0
    private var lastIntents: [Lane: Timestamp] = [:]
    /// What our orders take, and may add to the worth of positions, beyond the facts.
    private var sums = Sums()

    /// A cooldown is for one strategy and symbol.
    struct Lane: Hashable, Sendable {
        let strategy: StrategyID
        let symbol: Symbol
    }

    private struct Sums: Sendable, Equatable {
        var reserved = ExactSum()
        var gross = ExactSum()
        var net = ExactSum()
    }

    var orderCount: Int { orders.count }
    var reserved: Amount { sums.reserved.amount }
    var pendingGross: Amount { sums.gross.amount }
    var pendingNet: Amount { sums.net.amount }

    func lastIntent(of strategy: StrategyID, _ symbol: Symbol) -> Timestamp? {
        lastIntents[Lane(strategy: strategy, symbol: symbol)]
    }

    /// Open orders of this side, in the order they came.
    func open(_ side: Side, _ symbol: Symbol) -> [SymbolBook.OpenOrder] { symbols[symbol]?.open(side) ?? [] }

    /// Whether nobody knows what became of an open order.
    func isUnresolved(_ symbol: Symbol) -> Bool { (symbols[symbol]?.unresolved ?? 0) > 0 }

    /// The position with everything that may still come to it, signed.
    func projected(_ symbol: Symbol) -> Amount {
        (facts?.positions[symbol]?.qty ?? .zero).plus(symbols[symbol]?.pending.amount ?? .zero)
    }

    /// What may be sold without going short: what is held and free, less our own sales that the facts do not show.
    func sellable(_ symbol: Symbol) -> Amount {
        guard let row = facts?.positions[symbol], row.qty > .zero else { return .zero }
        return max(.zero, min(row.qty, row.available).less(symbols[symbol]?.sales.amount ?? .zero))
    }

    /// Symbols with a position, or with an order that may make one.
    func symbolsInPlay(besides symbol: Symbol) -> Int {
        let held = facts?.positions.rows.count { $0.symbol != symbol } ?? 0
        let coming = symbols.count { entry in
            entry.key != symbol && entry.value.moving > 0 && facts?.positions[entry.key] == nil
        }
        return held + coming
    }
}

extension AccountBook {
    mutating func observe(_ snapshot: AccountSnapshotObserved, at offset: Int64) {
        // Facts only get younger.
        if let facts, facts.asOf > snapshot.asOf { return }
        facts = AccountFacts(snapshot, at: offset)
        recount(closedBefore: snapshot.asOf)
    }

    private func closed(before limit: Timestamp) -> [NumberedOrder] {
        orders.values.filter { $0.order.closedAt.map { $0 < limit } ?? false }.sorted { $0.number < $1.number }
    }

    private mutating func drop(_ entry: NumberedOrder, in facts: Timestamp?) {
        let order = entry.order
        orders[order.decision] = nil
        symbols[order.symbol]?.remove(order, entry.number, in: facts)
        if symbols[order.symbol]?.isEmpty == true { symbols[order.symbol] = nil }
    }

    /// Sums are taken anew when the facts change, and kept up to date between; what the facts show at last is forgotten.
    private mutating func recount(closedBefore limit: Timestamp?) {
        sums = Sums()
        let asOf = facts?.asOf
        var emptied: [Symbol] = []
        // Sums are exact, and symbols do not touch each other: the order they are visited in does not show.
        for index in symbols.indices {
            var book = SymbolBook()
            for (number, decision) in symbols.values[index].decisions {
                guard let place = orders.index(forKey: decision) else { continue }
                let order = orders.values[place].order
                if let closedAt = order.closedAt, let limit, closedAt < limit {
                    orders.remove(at: place)
                    continue
                }
                count(order, adding: true)
                book.add(order, number, in: asOf)
            }
            symbols.values[index] = book
            if book.isEmpty { emptied.append(symbols.keys[index]) }
        }
        for symbol in emptied { symbols[symbol] = nil }
    }

    private mutating func count(_ order: OrderInPlay, adding: Bool) {
        let asOf = facts?.asOf
        let worth = order.pending(in: asOf).times(order.price)
        let signed = order.side == .buy ? worth : Amount.zero.less(worth)
        let taken = order.reserved(in: asOf)
        if adding {
            sums.reserved.add(taken)
            sums.gross.add(worth)
            sums.net.add(signed)
        } else {
            sums.reserved.remove(taken)
            sums.gross.remove(worth)
            sums.net.remove(signed)
        }
    }

    mutating func add(_ order: OrderInPlay, of strategy: StrategyID, decidedAt: Timestamp) {
        guard orders[order.decision] == nil else { return }
        put(order)
        count(order, adding: true)
        let lane = Lane(strategy: strategy, symbol: order.symbol)
        lastIntents[lane] = max(lastIntents[lane] ?? decidedAt, decidedAt)
    }

    private mutating func put(_ order: OrderInPlay) {
        orders[order.decision] = NumberedOrder(order: order, number: nextNumber)
        symbols[order.symbol, default: SymbolBook()].add(order, nextNumber, in: facts?.asOf)
        nextNumber += 1
    }

    mutating func change(_ decision: DecisionHash, _ change: (inout OrderInPlay) -> Void) {
        guard let index = orders.index(forKey: decision) else { return }
        let (before, number) = (orders.values[index].order, orders.values[index].number)
        var after = before
        change(&after)
        guard after != before else { return }
        count(before, adding: false)
        symbols[before.symbol]?.discount(before, number, in: facts?.asOf)
        orders.values[index].order = after
        count(after, adding: true)
        symbols[after.symbol]?.count(after, number, in: facts?.asOf)
    }

    /// Forgets intents that no cooldown reaches, and closed orders that no facts will ever show.
    mutating func forget(before limit: Timestamp) {
        lastIntents = lastIntents.filter { $0.value >= limit }
        for entry in closed(before: limit) {
            count(entry.order, adding: false)
            drop(entry, in: facts?.asOf)
        }
    }
}

extension AccountBook: Equatable {
    /// Numbers only tell which came first, so they are compared by the order they make.
    static func == (left: Self, right: Self) -> Bool {
        left.facts == right.facts && left.lastIntents == right.lastIntents && left.sums == right.sums
            && left.orders.count == right.orders.count && left.symbols.count == right.symbols.count
            && left.symbols.allSatisfy { symbol, book in
                book.decisions.map(\.decision) == right.symbols[symbol]?.decisions.map(\.decision)
            } && left.orders.allSatisfy { decision, entry in entry.order == right.orders[decision]?.order }
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
        let symbols = symbols.sorted { $0.key < $1.key }
        writer.rows(symbols.flatMap { $0.value.decisions.compactMap { orders[$0.decision]?.order } })
        let rows = lastIntents.map {
            LastIntentRow(strategy: $0.key.strategy, symbol: $0.key.symbol, decidedAt: $0.value)
        }
        writer.rows(rows.sorted { ($0.strategy, $0.symbol) < ($1.strategy, $1.symbol) })
    }

    init(from reader: inout StateReader) throws(StateFault) {
        facts = try reader.rows(of: AccountFacts.self).first
        for order in try reader.rows(of: OrderInPlay.self) where orders[order.decision] == nil { put(order) }
        for row in try reader.rows(of: LastIntentRow.self) {
            lastIntents[Lane(strategy: row.strategy, symbol: row.symbol)] = row.decidedAt
        }
        recount(closedBefore: nil)
    }
}
