public import Core

/// An intent ended without an order.
public struct IntentWithdrawn: Payload {
    @inlinable public static var type: EventType { .route(.intentWithdrawn) }

    public var intentID: IntentID
    public var decisionHash: DecisionHash
    public var clientOrderID: ClientOrderID
    public var withdrawalReason: WithdrawalReason
    public var attemptCount: Int64
    public var proof: Proof?
    public var detail: Prose?

    @inlinable
    public init(
        intentID: IntentID, decisionHash: DecisionHash, clientOrderID: ClientOrderID,
        withdrawalReason: WithdrawalReason, attemptCount: Int64, proof: Proof? = nil, detail: Prose? = nil
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.clientOrderID = clientOrderID
        self.withdrawalReason = withdrawalReason
        self.attemptCount = attemptCount
        self.proof = proof
        self.detail = detail
    }

    @inlinable
    public init(unread: Unread) {
        intentID = unread()
        decisionHash = unread()
        clientOrderID = unread()
        withdrawalReason = unread()
        attemptCount = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("decision_hash", &decisionHash, "The decision behind it.")
        try fields.field("client_order_id", &clientOrderID, "The id both routes use.")
        try fields.field("withdrawal_reason", &withdrawalReason, "Why.")
        try fields.field("attempt_count", &attemptCount, "Attempts that were made, all proved not live.")
        try fields.field("proof", &proof, "What proves that the last is not live.")
        try fields.field("detail", &detail, "More.")
    }
}
