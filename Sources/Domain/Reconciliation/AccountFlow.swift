internal import Core

/// What an account should hold: its cash, and its positions.
struct AccountFlow: FieldRecord, Equatable {
    var account: AccountLabel
    var cash: Holding?
    var positions = KeyedRows<Holding>()
    /// The first answer of the broker: what it did not name there was none of.
    var beganAt: Timestamp?
    var seenAt: Timestamp?
    /// Money that moved before anybody said in which currency.
    private var early = Amount.zero
    private var earlyAt: Timestamp?

    init(_ account: AccountLabel) { self.account = account }

    init(unread: Unread) { account = unread() }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("account_label", &account, "Whose.")
        try fields.field("cash", &cash, "Its cash.")
        try positions.walk("positions", &fields)
        try fields.field("began_at", &beganAt, "The first answer.")
        try fields.field("seen_at", &seenAt, "The latest answer.")
        try fields.field("early", &early, "Money that moved before the first answer.")
        try fields.field("early_at", &earlyAt, "When it last did.")
    }

    mutating func move(_ symbol: Symbol, _ qty: Amount, _ money: Amount, at moment: Timestamp) {
        if !qty.isZero { change(symbol.unstroked) { $0.move(by: qty, at: moment) } }
        guard !money.isZero else { return }
        if cash == nil {
            early = early.plus(money)
            earlyAt = max(earlyAt ?? moment, moment)
        } else {
            cash?.move(by: money, at: moment)
        }
    }

    /// A symbol that was not there at the beginning began with nothing.
    func holding(_ symbol: Symbol) -> Holding {
        if let known = positions[symbol] { return known }
        var holding = Holding(symbol)
        holding.base = beganAt.map { Holding.Base(asOf: $0, offset: .zero) }
        return holding
    }

    private mutating func change(_ symbol: Symbol, _ change: (inout Holding) -> Void) {
        var holding = holding(symbol)
        change(&holding)
        positions.put(holding)
    }

    /// What was read for longer than things settle is no beginning: of a fill meanwhile nobody knows whether it is in it.
    mutating func observe(_ facts: AccountSnapshotObserved, writtenAt moment: Timestamp) {
        // Only what is whole, and younger than what is known: our own words are read back.
        guard facts.complete, facts.asOf > seenAt ?? .earliest else { return }
        seenAt = facts.asOf
        guard moment.since(facts.asOf) <= Holding.settling else { return }
        if cash == nil {
            var holding = Holding(Symbol(trusted: facts.currency.text))
            (holding.moved, holding.movedAt) = (early, earlyAt)
            cash = holding
        }
        cash?.begin(with: facts.cash, asOf: facts.asOf)
        let held = facts.positions.reduce(into: [Symbol: Amount]()) { $0[$1.symbol.unstroked] = $1.qty }
        for (symbol, qty) in held.sorted(by: { $0.key < $1.key }) {
            change(symbol) { $0.begin(with: qty, asOf: facts.asOf) }
        }
        for row in positions.rows where row.base == nil && held[row.symbol] == nil {
            change(row.symbol) { $0.begin(with: .zero, asOf: facts.asOf) }
        }
        beganAt = beganAt ?? facts.asOf
    }

    mutating func explain(_ kind: DiscrepancyKind, _ symbol: Symbol, _ difference: Amount) {
        switch kind {
        case .cashMismatch: cash?.explain(difference)
        case .positionMismatch: change(symbol.unstroked) { $0.explain(difference) }
        default: break
        }
    }
}

extension AccountFlow {
    /// Cash that differs by less was rounded elsewhere.
    static let cashTolerance = Amount(units: Amount.unitsPerOne / 100)

    /// What the account shows that our fills do not say, and about what it could be asked at all.
    func differences(from facts: AccountSnapshotObserved) -> (found: [BookDifference], compared: Set<DiscrepancyKey>) {
        var found: [BookDifference] = []
        var compared: Set<DiscrepancyKey> = []
        let held = facts.positions.reduce(into: [Symbol: Amount]()) { $0[$1.symbol.unstroked] = $1.qty }
        for symbol in Set(held.keys).union(positions.rows.map(\.symbol)).sorted() {
            let holding = holding(symbol)
            let key = DiscrepancyKey(account, symbol, .positionMismatch)
            guard let expected = holding.expected, holding.isQuiet(at: facts.asOf) else { continue }
            compared.insert(key)
            let seen = held[symbol] ?? .zero
            guard seen != expected else { continue }
            found.append(
                difference(
                    key, .critical, symbol, "\(expected) held", "\(seen) held", seen.less(expected), holding, facts))
        }
        if let cash, let expected = cash.expected, cash.isQuiet(at: facts.asOf) {
            let key = DiscrepancyKey(account, cash.symbol, .cashMismatch)
            compared.insert(key)
            let gap = facts.cash.less(expected)
            if gap.size > Self.cashTolerance {
                found.append(
                    difference(
                        key, .warning, cash.symbol, "\(expected) in cash", "\(facts.cash) in cash", gap, cash, facts))
            }
        }
        return (found, compared)
    }

    private func difference(
        _ key: DiscrepancyKey, _ severity: Severity, _ symbol: Symbol, _ expected: String, _ observed: String,
        _ amount: Amount, _ holding: Holding, _ facts: AccountSnapshotObserved
    ) -> BookDifference {
        BookDifference(
            key, severity, OrderKey(), symbol, expected: expected, observed: observed, by: amount,
            movedAt: holding.movedAt ?? holding.base?.asOf ?? facts.asOf, seenAt: facts.asOf)
    }
}
