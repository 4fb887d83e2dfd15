public import Core

/// A named exception on one intent, until it expires.
public struct GrantedOverride: FieldRecord {
    public var grantedBy: EventID
    public var kind: OverrideKind
    public var actor: ActorName
    public var reason: Prose
    public var intentID: IntentID
    public var attemptID: AttemptID?
    public var adapter: Adapter?
    public var alpacaOrderID: BrokerOrderID?
    public var expiresAt: Timestamp
    /// When it was said, and at which offset of control.
    public var grantedAt: Timestamp
    public var position: Int64

    /// `nil` when the event names no intent, or no end: an exception to everything, for ever, is none.
    init?(_ event: OverrideGranted, _ envelope: Envelope, at offset: Int64) {
        guard let expiresAt = event.expiresAt else { return nil }
        if let intent = event.intentID {
            intentID = intent
        } else if case .intent(let intent) = event.order.scope {
            intentID = intent
        } else {
            return nil
        }
        grantedBy = envelope.eventID
        kind = event.kind
        actor = event.order.actor
        reason = event.order.reason
        attemptID = event.attemptID
        adapter = event.adapter
        alpacaOrderID = event.alpacaOrderID
        self.expiresAt = expiresAt
        grantedAt = envelope.ingestTime
        position = offset
    }

    /// Whether the operator can have meant this attempt: the one he named, or one that was there when he spoke.
    ///
    /// Both clues count. An attempt that was prepared with his word before its eyes is a later one, and so is one that
    /// was prepared after he spoke, though nobody had read his word yet. Where his clock is behind the router's he has
    /// to name the attempt.
    func covers(_ attempt: RouteAttempt) -> Bool {
        if let attemptID { return attemptID == attempt.attemptID }
        return attempt.controlPosition <= position && attempt.preparedAt <= grantedAt
    }

    public init(unread: Unread) {
        grantedBy = unread()
        kind = unread()
        actor = unread()
        reason = unread()
        intentID = unread()
        expiresAt = unread()
        grantedAt = unread()
        position = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("granted_by", &grantedBy, "By which event.")
        try fields.field("kind", &kind, "What it excepts.")
        try fields.field("actor", &actor, "Who vouches.")
        try fields.field("reason", &reason, "Why.")
        try fields.field("intent_id", &intentID, "For which intent.")
        try fields.field("attempt_id", &attemptID, "For which attempt of it.")
        try fields.field("adapter", &adapter, "By which adapter.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "Which order was seen.")
        try fields.field("expires_at", &expiresAt, "Until when.")
        try fields.field("granted_at", &grantedAt, "When it was said.")
        try fields.field("position", &position, "At which offset of control.")
    }
}
