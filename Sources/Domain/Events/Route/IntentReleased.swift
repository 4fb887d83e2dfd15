public import Core

/// A held intent goes on.
public struct IntentReleased: Payload {
    @inlinable public static var type: EventType { .route(.intentReleased) }

    public var intentID: IntentID
    public var decisionHash: DecisionHash
    public var clientOrderID: ClientOrderID
    public var holdReason: HoldReason
    public var heldForMicroseconds: Int64
    public var overrideEventID: EventID?

    @inlinable
    public init(
        intentID: IntentID, decisionHash: DecisionHash, clientOrderID: ClientOrderID, holdReason: HoldReason,
        heldForMicroseconds: Int64, overrideEventID: EventID? = nil
    ) {
        self.intentID = intentID
        self.decisionHash = decisionHash
        self.clientOrderID = clientOrderID
        self.holdReason = holdReason
        self.heldForMicroseconds = heldForMicroseconds
        self.overrideEventID = overrideEventID
    }

    @inlinable
    public init(unread: Unread) {
        intentID = unread()
        decisionHash = unread()
        clientOrderID = unread()
        holdReason = unread()
        heldForMicroseconds = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("intent_id", &intentID, "The intent.")
        try fields.field("decision_hash", &decisionHash, "The decision behind it.")
        try fields.field("client_order_id", &clientOrderID, "The id both routes use.")
        try fields.field("hold_reason", &holdReason, "Why it had waited.")
        try fields.field("held_for_us", &heldForMicroseconds, FieldNote("How long.", unit: "microseconds"))
        try fields.field("override_event_id", &overrideEventID, "The override it rests on.")
    }
}
