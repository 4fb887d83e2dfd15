public import Core

/// A discrepancy is no more.
public struct DiscrepancyResolved: Payload {
    @inlinable public static var type: EventType { .orderEvents(.discrepancyResolved) }

    public var discrepancyID: EventID
    public var kind: DiscrepancyKind
    public var order: OrderKey
    public var resolution: DiscrepancyResolution
    public var actor: ActorName?
    public var reason: Prose?
    public var evidence: CompactJSON?

    @inlinable
    public init(
        discrepancyID: EventID, kind: DiscrepancyKind, order: OrderKey, resolution: DiscrepancyResolution,
        actor: ActorName? = nil, reason: Prose? = nil, evidence: CompactJSON? = nil
    ) {
        self.discrepancyID = discrepancyID
        self.kind = kind
        self.order = order
        self.resolution = resolution
        self.actor = actor
        self.reason = reason
        self.evidence = evidence
    }

    @inlinable
    public init(unread: Unread) {
        discrepancyID = unread()
        kind = unread()
        order = unread()
        resolution = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("discrepancy_id", &discrepancyID, "Which.")
        try fields.field("kind", &kind, "What did not fit.")
        try order.walk(&fields)
        try fields.field("resolution", &resolution, "How it ended.")
        try fields.field("actor", &actor, "Who ended it.")
        try fields.field("reason", &reason, "Why.")
        try fields.field("evidence", &evidence, "The facts.")
    }
}
