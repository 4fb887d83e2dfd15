public import Core

/// The canary was judged at this moment: all that its verdicts follow from besides the log itself.
///
/// With the positions, the moment and the terms anybody computes the same verdicts again, from a log that has lost them.
public struct CanaryEvaluated: Payload {
    @inlinable public static var type: EventType { .control(.canaryEvaluated) }

    public var order: ControlOrder
    public var evaluatedAt: Timestamp
    public var windowStart: Timestamp
    public var windowEnd: Timestamp
    public var isClosed: Bool
    public var amendsEventID: EventID?
    public var policyHash: ContentHash
    public var terms: CanaryTerms
    public var vector: PositionVector
    /// Of evaluations from before rules were numbered there is none.
    public var rules: Int64?
    public var limitStarts: LimitStarts?

    @inlinable
    public init(
        order: ControlOrder, evaluatedAt: Timestamp, windowStart: Timestamp, windowEnd: Timestamp, isClosed: Bool,
        amendsEventID: EventID? = nil, policyHash: ContentHash, terms: CanaryTerms, vector: PositionVector,
        rules: Int64? = nil, limitStarts: LimitStarts? = nil
    ) {
        self.order = order
        self.evaluatedAt = evaluatedAt
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.isClosed = isClosed
        self.amendsEventID = amendsEventID
        self.policyHash = policyHash
        self.terms = terms
        self.vector = vector
        self.rules = rules
        self.limitStarts = limitStarts
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        evaluatedAt = unread()
        windowStart = unread()
        windowEnd = unread()
        isClosed = unread()
        policyHash = unread()
        terms = unread()
        vector = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("evaluated_at", &evaluatedAt, "The moment.")
        try fields.field("window_start", &windowStart, "Intents prepared from here on count, inclusive.")
        try fields.field("window_end", &windowEnd, "To here, exclusive.")
        try fields.field("is_closed", &isClosed, "Whether it is a whole window that is over, or the latest stretch.")
        try fields.field("amends_event_id", &amendsEventID, "The evaluation of the same window that this one amends.")
        try fields.field("policy_hash", &policyHash, "The policy in force.")
        try fields.field("terms", &terms, "What it is judged by.")
        try vector.walk(&fields)
        try fields.field(
            "rules", &rules, "By which rules it counts; verdicts are computed again by the same ones only.")
        try fields.field("limit_starts", &limitStarts, "Where a limit counts a shorter stretch than the window.")
    }
}
