public import Core

/// An incident is over.
public struct IncidentResolved: Payload {
    @inlinable public static var type: EventType { .canary(.incidentResolved) }

    public var incidentKey: Label
    public var breachType: BreachType
    public var resolution: IncidentResolution
    public var actor: ActorName
    public var reason: Prose
    public var resolvedAt: Timestamp
    public var verdictEventID: EventID?

    @inlinable
    public init(
        incidentKey: Label, breachType: BreachType, resolution: IncidentResolution, actor: ActorName, reason: Prose,
        resolvedAt: Timestamp, verdictEventID: EventID? = nil
    ) {
        self.incidentKey = incidentKey
        self.breachType = breachType
        self.resolution = resolution
        self.actor = actor
        self.reason = reason
        self.resolvedAt = resolvedAt
        self.verdictEventID = verdictEventID
    }

    @inlinable
    public init(unread: Unread) {
        incidentKey = unread()
        breachType = unread()
        resolution = unread()
        actor = unread()
        reason = unread()
        resolvedAt = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("incident_key", &incidentKey, "Which.")
        try fields.field("breach_type", &breachType, "Which limit.")
        try fields.field("resolution", &resolution, "How it ended.")
        try fields.field("actor", &actor, "Who says so.")
        try fields.field("reason", &reason, "Why.")
        try fields.field("resolved_at", &resolvedAt, "When.")
        try fields.field("verdict_event_id", &verdictEventID, "The verdict it rests on.")
    }
}
