public import Core

/// One order as the feed knows it: its names, whose it is, and its life.
public struct FedOrder: FieldRecord, Equatable {
    /// Its place among all orders: the order they became known in.
    public internal(set) var number: Int64
    public internal(set) var account: AccountLabel
    public internal(set) var symbol: Symbol?
    public internal(set) var clientOrderID: ClientOrderID?
    public internal(set) var alpacaOrderID: BrokerOrderID?
    /// `nil` for an order that is not ours.
    public internal(set) var decision: DecisionHash?
    public internal(set) var attempt: AttemptID?
    /// The story it is part of.
    public internal(set) var story: StoryID?
    public internal(set) var life = OrderLife()
    /// When we last heard of it.
    public internal(set) var heardAt: Timestamp

    init(_ number: Int64, _ account: AccountLabel, at moment: Timestamp) {
        self.number = number
        self.account = account
        heardAt = moment
    }

    public init(unread: Unread) {
        number = 0
        account = unread()
        heardAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("number", &number, "Its place among all orders.")
        try fields.field("account_label", &account, "Whose account.")
        try fields.field("symbol", &symbol, "The symbol.")
        try fields.field("client_order_id", &clientOrderID, "The id it was sent with.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id.")
        try fields.field("decision_hash", &decision, "The decision it belongs to.")
        try fields.field("attempt_id", &attempt, "The attempt it belongs to.")
        try fields.field("correlation_id", &story, "The story it is part of.")
        try life.walk(&fields)
        try fields.field("heard_at", &heardAt, "When we last heard of it.")
    }

    /// Takes in what was known of the same order under its other name.
    mutating func merge(_ other: FedOrder) {
        symbol = symbol ?? other.symbol
        decision = decision ?? other.decision
        attempt = attempt ?? other.attempt
        story = story ?? other.story
        heardAt = max(heardAt, other.heardAt)
        life.merge(other.life)
    }

    mutating func name(_ client: ClientOrderID?, _ alpaca: BrokerOrderID?) {
        clientOrderID = clientOrderID ?? client
        alpacaOrderID = alpacaOrderID ?? alpaca
        decision = decision ?? client.flatMap(DecisionHash.init(of:))
    }
}

/// An id of an order within its account: equal ids of two accounts are two orders.
struct OrderIDName: Hashable, Sendable {
    let account: AccountLabel
    let text: String

    init(_ account: AccountLabel, _ client: ClientOrderID) {
        self.account = account
        text = client.text
    }

    init(_ account: AccountLabel, _ alpaca: BrokerOrderID) {
        self.account = account
        text = alpaca.text
    }
}
