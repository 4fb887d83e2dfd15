internal import Core

/// How much there is of one thing, as our fills say: a position, or cash.
///
/// It begins with what the broker said once, when nothing moved; every fill since then is counted on top.
struct Holding: KeyedRow {
    /// What the broker said, less what had been counted by then.
    struct Base: FieldRecord, Equatable {
        var asOf: Timestamp
        var offset: Amount

        init(asOf: Timestamp, offset: Amount) {
            self.asOf = asOf
            self.offset = offset
        }

        init(unread: Unread) {
            asOf = unread()
            offset = unread()
        }

        mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("as_of", &asOf, "When the broker said so.")
            try fields.field("offset", &offset, "What we had not counted by then.")
        }
    }

    /// Of a fill that is nearer than this to an answer nobody knows whether the answer holds it.
    static let settling: Duration = .seconds(2)

    var symbol: Symbol
    /// All that was ever counted.
    var moved = Amount.zero
    var movedAt: Timestamp?
    var base: Base?
    var key: Symbol { symbol }

    init(_ symbol: Symbol) { self.symbol = symbol }

    init(unread: Unread) { symbol = unread() }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("symbol", &symbol, "What.")
        try fields.field("moved", &moved, "All that was counted.")
        try fields.field("moved_at", &movedAt, "The latest fill.")
        try fields.field("base", &base, "What it began with.")
    }

    /// What there should be; `nil` while it is not known what it began with.
    var expected: Amount? { base.map { $0.offset.plus(moved) } }

    /// Whether an answer of this moment can be held against it.
    func isQuiet(at moment: Timestamp) -> Bool {
        guard let movedAt else { return true }
        return (movedAt.advanced(by: Self.settling) ?? .latest) < moment
    }

    mutating func move(by amount: Amount, at moment: Timestamp) {
        moved = moved.plus(amount)
        movedAt = max(movedAt ?? moment, moment)
        guard var began = base else { return }
        if (moment.advanced(by: Self.settling) ?? .latest) < began.asOf {
            // Told late: what the broker said at the beginning held it already.
            began.offset = began.offset.less(amount)
            base = began
        } else if moment <= (began.asOf.advanced(by: Self.settling) ?? .latest) {
            base = nil
        }
    }

    /// Begins with what the broker says, if it has not begun and nothing moves.
    mutating func begin(with amount: Amount, asOf moment: Timestamp) {
        guard base == nil, isQuiet(at: moment) else { return }
        base = Base(asOf: moment, offset: amount.less(moved))
    }

    /// What an operator explained is there from now on.
    mutating func explain(_ difference: Amount) {
        guard var began = base else { return }
        began.offset = began.offset.plus(difference)
        base = began
    }
}
