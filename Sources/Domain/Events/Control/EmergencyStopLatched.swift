public import Core

/// No new intents, until it is cleared.
public struct EmergencyStopLatched: Payload {
    @inlinable public static var type: EventType { .control(.emergencyStopLatched) }

    public var order: ControlOrder
    public var stopReasons: [Code]
    public var latchedAt: Timestamp
    public var verdictEventID: EventID?
    public var incidentKey: Label?
    public var recoverable: Bool
    public var evidenceAt: Timestamp?

    @inlinable
    public init(
        order: ControlOrder, stopReasons: [Code], latchedAt: Timestamp, verdictEventID: EventID? = nil,
        incidentKey: Label? = nil, recoverable: Bool, evidenceAt: Timestamp? = nil
    ) {
        self.order = order
        self.stopReasons = stopReasons
        self.latchedAt = latchedAt
        self.verdictEventID = verdictEventID
        self.incidentKey = incidentKey
        self.recoverable = recoverable
        self.evidenceAt = evidenceAt
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        stopReasons = unread()
        latchedAt = unread()
        recoverable = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.list(
            "stop_reasons", &stopReasons, 1...64,
            FieldNote("Why, in the original's words.", example: "lean_canary_breach:fallback_ratio_exceeded:0.3000"))
        try fields.field("latched_at", &latchedAt, "When.")
        try fields.field("verdict_event_id", &verdictEventID, "The verdict behind it.")
        try fields.field("incident_key", &incidentKey, "The incident behind it.")
        try fields.field("recoverable", &recoverable, "Whether it may clear by itself.")
        try fields.field("evidence_at", &evidenceAt, "When the last fact came that it follows from.")
    }
}
