public import Core

/// What a discrepancy is about: of each there is one at a time.
public struct DiscrepancyKey: Hashable, Sendable, Comparable {
    public let account: AccountLabel
    /// An order's id at the broker, a symbol, or a currency.
    public let about: String
    public let kind: DiscrepancyKind

    init(_ account: AccountLabel, about: String, _ kind: DiscrepancyKind) {
        self.account = account
        self.about = about
        self.kind = kind
    }

    init(_ account: AccountLabel, _ order: ReconciledOrder, _ kind: DiscrepancyKind) {
        self.init(account, OrderKey(clientOrderID: order.clientOrderID, alpacaOrderID: order.alpacaOrderID), kind)
    }

    /// The broker's id names an order; ours does where he has none.
    init(_ account: AccountLabel, _ order: OrderKey, _ kind: DiscrepancyKind) {
        self.init(
            account, about: "order:" + (order.alpacaOrderID?.text ?? order.clientOrderID?.text ?? ""), kind)
    }

    init(_ account: AccountLabel, _ symbol: Symbol, _ kind: DiscrepancyKind) {
        self.init(account, about: "symbol:" + symbol.unstroked.text, kind)
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.account, left.about, left.kind.rawValue) < (right.account, right.about, right.kind.rawValue)
    }
}

/// Something that does not fit, as one comparison shows it: not yet a discrepancy.
public struct BookDifference: Sendable, Equatable {
    public let key: DiscrepancyKey
    public let severity: Severity
    public let order: OrderKey
    public let symbol: Symbol
    public let expected: String
    public let observed: String
    public let amount: Amount?
    /// When what it is about last changed.
    public let movedAt: Timestamp
    /// When the broker was asked for what shows it; `nil` when what we were told is enough.
    public internal(set) var seenAt: Timestamp?
    public let route: ReconciledOrder.RouteTaken?
    public let story: StoryID?

    init(
        _ key: DiscrepancyKey, _ severity: Severity, _ order: OrderKey, _ symbol: Symbol, expected: String,
        observed: String, by amount: Amount?, movedAt: Timestamp, seenAt: Timestamp?,
        route: ReconciledOrder.RouteTaken? = nil, story: StoryID? = nil
    ) {
        self.key = key
        self.severity = severity
        self.order = order
        self.symbol = symbol
        self.expected = expected
        self.observed = observed
        self.amount = amount
        self.movedAt = movedAt
        self.seenAt = seenAt
        self.route = route
        self.story = story
    }

    public var kind: DiscrepancyKind { key.kind }

    /// Whether it says the same as the other: then it is the same one, seen again.
    public func isSame(as other: BookDifference) -> Bool {
        key == other.key && says(other.expected, other.observed, other.amount)
    }

    /// Whether it says what is open already.
    func isSaid(by row: OpenDiscrepancy) -> Bool { says(row.expected.text, row.observed.text, row.amount) }

    func says(_ expected: String, _ observed: String, _ amount: Amount?) -> Bool {
        // An account that trades holds something else each time: the gap is what stays.
        guard !kind.isOfHolding else { return self.amount == amount }
        return self.expected == expected && self.observed == observed && self.amount == amount
    }
}

extension Symbol {
    /// Pairs are spelt with and without the stroke: of the account's positions there is one for both.
    var unstroked: Symbol {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "/") || (97...122).contains($0) }) else { return self }
        return Symbol(trusted: text.uppercased().filter { $0 != "/" })
    }
}
