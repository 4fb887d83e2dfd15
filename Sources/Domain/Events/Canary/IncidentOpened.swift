public import Core

/// The canary broke a limit; told again for the same incident when it goes on.
public struct IncidentOpened: Payload {
    @inlinable public static var type: EventType { .canary(.incidentOpened) }

    public var incidentKey: Label
    public var breachType: BreachType
    public var severity: Severity
    public var rollbackTriggered: Bool
    public var symbols: [Symbol]
    public var verdictEventID: EventID
    public var evidenceJSON: CompactJSON
    public var observed: Amount
    public var threshold: Amount

    @inlinable
    public init(
        incidentKey: Label, breachType: BreachType, severity: Severity, rollbackTriggered: Bool, symbols: [Symbol],
        verdictEventID: EventID, evidenceJSON: CompactJSON, observed: Amount, threshold: Amount
    ) {
        self.incidentKey = incidentKey
        self.breachType = breachType
        self.severity = severity
        self.rollbackTriggered = rollbackTriggered
        self.symbols = symbols
        self.verdictEventID = verdictEventID
        self.evidenceJSON = evidenceJSON
        self.observed = observed
        self.threshold = threshold
    }

    @inlinable
    public init(unread: Unread) {
        incidentKey = unread()
        breachType = unread()
        severity = unread()
        rollbackTriggered = unread()
        symbols = unread()
        verdictEventID = unread()
        evidenceJSON = unread()
        observed = unread()
        threshold = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("incident_key", &incidentKey, "The incident: its cause, and which time it happens.")
        try fields.field("breach_type", &breachType, "Which limit.")
        try fields.field("severity", &severity, "How bad.")
        try fields.field("rollback_triggered", &rollbackTriggered, "Whether it was rolled back.")
        try fields.list("symbols", &symbols, 0...256, "Symbols concerned.")
        try fields.field("verdict_event_id", &verdictEventID, "The verdict behind it.")
        try fields.field("evidence_json", &evidenceJSON, "The whole evidence.")
        try fields.field("observed", &observed, "What was measured.")
        try fields.field("threshold", &threshold, "The limit.")
    }
}
