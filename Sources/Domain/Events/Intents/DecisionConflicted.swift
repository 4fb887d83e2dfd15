public import Core

/// A decision came again under the same hash with another body.
public struct DecisionConflicted: Payload {
    @inlinable public static var type: EventType { .intents(.decisionConflicted) }

    public var decisionHash: DecisionHash
    public var strategyID: StrategyID
    public var recordedBodyHash: ContentHash
    public var conflictingBodyHash: ContentHash
    public var firstCause: Cause
    public var conflictingCause: Cause
    public var conflictingFields: [Label]

    @inlinable
    public init(
        decisionHash: DecisionHash, strategyID: StrategyID, recordedBodyHash: ContentHash,
        conflictingBodyHash: ContentHash, firstCause: Cause, conflictingCause: Cause, conflictingFields: [Label]
    ) {
        self.decisionHash = decisionHash
        self.strategyID = strategyID
        self.recordedBodyHash = recordedBodyHash
        self.conflictingBodyHash = conflictingBodyHash
        self.firstCause = firstCause
        self.conflictingCause = conflictingCause
        self.conflictingFields = conflictingFields
    }

    @inlinable
    public init(unread: Unread) {
        decisionHash = unread()
        strategyID = unread()
        recordedBodyHash = unread()
        conflictingBodyHash = unread()
        firstCause = unread()
        conflictingCause = unread()
        conflictingFields = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("decision_hash", &decisionHash, "The hash both have.")
        try fields.field("strategy_id", &strategyID, "The strategy.")
        try fields.field("recorded_body_hash", &recordedBodyHash, "The body that came first and stands.")
        try fields.field("conflicting_body_hash", &conflictingBodyHash, "The body that was refused.")
        try fields.field("first_cause", &firstCause, "Where the first lies.")
        try fields.field("conflicting_cause", &conflictingCause, "Where the second lies.")
        try fields.list("conflicting_fields", &conflictingFields, 1...64, "Which fields differ.")
    }
}
