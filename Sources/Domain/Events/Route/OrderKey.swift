public import Core

/// Which order this is about.
public struct OrderKey: FieldRecord {
    public var intentID: IntentID?
    public var decisionHash: DecisionHash?
    public var clientOrderID: ClientOrderID?
    public var alpacaOrderID: BrokerOrderID?

    @inlinable
    public init(
        intentID: IntentID? = nil, decisionHash: DecisionHash? = nil, clientOrderID: ClientOrderID? = nil,
        alpacaOrderID: BrokerOrderID? = nil
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.clientOrderID = clientOrderID
        self.alpacaOrderID = alpacaOrderID
    }

    @inlinable
    public init(unread: Unread) {
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent, if it is ours.")
        try fields.field("decision_hash", &decisionHash, "The decision, if it is ours.")
        try fields.field("client_order_id", &clientOrderID, "The id both routes use.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id.")
    }
}
