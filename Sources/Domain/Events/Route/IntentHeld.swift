public import Core

/// An intent waits, visibly.
public struct IntentHeld: Payload {
    @inlinable public static var type: EventType { .route(.intentHeld) }

    public var intentID: IntentID
    public var decisionHash: DecisionHash
    public var clientOrderID: ClientOrderID
    public var attemptID: AttemptID?
    public var holdReason: HoldReason
    public var heldSince: Timestamp
    public var holdLimitMicroseconds: Int64
    public var holdLimitExceeded: Bool
    public var detail: Prose?

    @inlinable
    public init(
        intentID: IntentID, decisionHash: DecisionHash, clientOrderID: ClientOrderID, attemptID: AttemptID? = nil,
        holdReason: HoldReason, heldSince: Timestamp, holdLimitMicroseconds: Int64, holdLimitExceeded: Bool,
        detail: Prose? = nil
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.clientOrderID = clientOrderID
        self.attemptID = attemptID
        self.holdReason = holdReason
        self.heldSince = heldSince
        self.holdLimitMicroseconds = holdLimitMicroseconds
        self.holdLimitExceeded = holdLimitExceeded
        self.detail = detail
    }

    @inlinable
    public init(unread: Unread) {
        intentID = unread()
        decisionHash = unread()
        clientOrderID = unread()
        holdReason = unread()
        heldSince = unread()
        holdLimitMicroseconds = unread()
        holdLimitExceeded = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("decision_hash", &decisionHash, "The decision behind it.")
        try fields.field("client_order_id", &clientOrderID, "The id both routes use.")
        try fields.field("attempt_id", &attemptID, "The attempt it waits for.")
        try fields.field("hold_reason", &holdReason, "Why.")
        try fields.field("held_since", &heldSince, "Since when.")
        try fields.field(
            "hold_limit_us", &holdLimitMicroseconds, FieldNote("When it is alerted.", unit: "microseconds"))
        try fields.field("hold_limit_exceeded", &holdLimitExceeded, "Whether that has passed.")
        try fields.field("detail", &detail, "More.")
    }
}
