internal import Core
internal import Domain

/// How far a decision is: it only ever rises, from planned over our own words to the broker's.
struct DecisionStatus: Sendable, Equatable {
    let rank: Int32
    let word: Label

    static let planned = Self(rank: 0, "planned")
    static let blocked = Self(rank: 1, "blocked")
    static let rejected = Self(rank: 2, "rejected")
    static let submitted = Self(rank: 3, "submitted")

    private init(rank: Int32, _ word: String) {
        self.rank = rank
        self.word = Label(trusted: word)
    }

    init(rank: Int32, word: Label) {
        self.rank = rank
        self.word = word
    }

    /// What the broker says of the order; a replaced order is not the decision's end.
    init?(_ status: OrderStatus?) {
        guard let status = status?.fromBroker, status != .replaced else { return nil }
        rank = 4 + status.rank
        word = Label(trusted: status.rawValue)
    }
}
