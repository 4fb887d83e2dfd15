public import Core

/// Which attempt of which intent this is.
public struct AttemptKey: FieldRecord {
    public var intentID: IntentID
    public var decisionHash: DecisionHash
    public var clientOrderID: ClientOrderID
    public var attemptID: AttemptID
    public var attempt: Int64

    @inlinable
    public init(
        intentID: IntentID, decisionHash: DecisionHash, clientOrderID: ClientOrderID, attemptID: AttemptID,
        attempt: Int64
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.clientOrderID = clientOrderID
        self.attemptID = attemptID
        self.attempt = attempt
    }

    @inlinable
    public init(unread: Unread) {
        intentID = unread()
        decisionHash = unread()
        clientOrderID = unread()
        attemptID = unread()
        attempt = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("decision_hash", &decisionHash, "The decision behind it.")
        try fields.field("client_order_id", &clientOrderID, "The id both routes use for the order.")
        try fields.field("attempt_id", &attemptID, "This attempt.")
        try fields.field("attempt", &attempt, "Its number within the intent, from 1.")
    }
}
