public import Core

/// A discrepancy that is on the log and not resolved.
public struct OpenDiscrepancy: KeyedRow {
    public internal(set) var account: AccountLabel
    var about: Prose
    public internal(set) var kind: DiscrepancyKind
    public internal(set) var id: EventID
    public internal(set) var severity: Severity
    public internal(set) var order: OrderKey
    public internal(set) var symbol: Symbol
    public internal(set) var expected: Prose
    public internal(set) var observed: Prose
    public internal(set) var amount: Amount?
    public internal(set) var openedAt: Timestamp
    /// An operator has explained it: it is over, though it still shows.
    public internal(set) var isExplained = false

    public var key: DiscrepancyKey { DiscrepancyKey(account, about: about.text, kind) }

    init(_ key: DiscrepancyKey, _ found: DiscrepancyFound, _ symbol: Symbol, at moment: Timestamp) {
        account = key.account
        about = Prose(place: key.about)
        kind = found.kind
        id = found.discrepancyID
        severity = found.severity
        order = found.order
        self.symbol = symbol
        expected = found.expected
        observed = found.observed
        amount = found.difference
        openedAt = moment
    }

    public init(unread: Unread) {
        account = unread()
        about = unread()
        kind = unread()
        id = unread()
        severity = unread()
        order = unread()
        symbol = unread()
        expected = unread()
        observed = unread()
        openedAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("account_label", &account, "Whose account.")
        try fields.field("about", &about, "What it is about.")
        try fields.field("kind", &kind, "What does not fit.")
        try fields.field("discrepancy_id", &id, "Which.")
        try fields.field("severity", &severity, "How bad.")
        try fields.field("order", &order, "Which order.")
        try fields.field("symbol", &symbol, "The symbol, or the currency.")
        try fields.field("expected", &expected, "What we believed.")
        try fields.field("observed", &observed, "What was seen.")
        try fields.field("difference", &amount, "By how much.")
        try fields.field("opened_at", &openedAt, "Since when.")
        try fields.field("is_explained", &isExplained, "Whether an operator explained it.")
    }
}

/// The last discrepancy of its kind about something: the next one has another id, however alike they look.
struct EndedDiscrepancy: KeyedRow {
    var account: AccountLabel
    var about: Prose
    var kind: DiscrepancyKind
    var id: EventID
    var endedAt: Timestamp

    var key: DiscrepancyKey { DiscrepancyKey(account, about: about.text, kind) }

    init(_ key: DiscrepancyKey, _ id: EventID, at moment: Timestamp) {
        account = key.account
        about = Prose(place: key.about)
        kind = key.kind
        self.id = id
        endedAt = moment
    }

    init(unread: Unread) {
        account = unread()
        about = unread()
        kind = unread()
        id = unread()
        endedAt = unread()
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("account_label", &account, "Whose account.")
        try fields.field("about", &about, "What it was about.")
        try fields.field("kind", &kind, "What did not fit.")
        try fields.field("discrepancy_id", &id, "Which.")
        try fields.field("ended_at", &endedAt, "Until when.")
    }
}
