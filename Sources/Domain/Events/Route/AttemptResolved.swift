public import Core

/// Evidence says what became of an unknown attempt.
public struct AttemptResolved: Payload {
    @inlinable public static var type: EventType { .route(.attemptResolved) }

    public var key: AttemptKey
    public var evidence: RouteEvidence
    public var resolution: Resolution
    public var proof: Proof?
    public var foundBy: EvidenceKind
    public var lookups: [Lookup]
    public var alpacaOrderID: BrokerOrderID?
    public var status: BrokerWord?
    public var executionRoute: ExecutionRoute?
    public var routeMarker: RouteMarker?
    public var overrideEventID: EventID?
    public var actor: ActorName?
    public var reason: Prose?
    public var unknownForMicroseconds: Int64
    public var rawOrder: CompactJSON?

    @inlinable
    public init(
        key: AttemptKey, evidence: RouteEvidence, resolution: Resolution, proof: Proof? = nil, foundBy: EvidenceKind,
        lookups: [Lookup], alpacaOrderID: BrokerOrderID? = nil, status: BrokerWord? = nil,
        executionRoute: ExecutionRoute? = nil, routeMarker: RouteMarker? = nil, overrideEventID: EventID? = nil,
        actor: ActorName? = nil, reason: Prose? = nil, unknownForMicroseconds: Int64, rawOrder: CompactJSON? = nil
    ) {
        self.key = key
        self.evidence = evidence
        self.resolution = resolution
        self.proof = proof
        self.foundBy = foundBy
        self.lookups = lookups
        self.alpacaOrderID = alpacaOrderID
        self.status = status
        self.executionRoute = executionRoute
        self.routeMarker = routeMarker
        self.overrideEventID = overrideEventID
        self.actor = actor
        self.reason = reason
        self.unknownForMicroseconds = unknownForMicroseconds
        self.rawOrder = rawOrder
    }

    @inlinable
    public init(unread: Unread) {
        key = unread()
        evidence = unread()
        resolution = unread()
        foundBy = unread()
        lookups = unread()
        unknownForMicroseconds = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&fields)
        try evidence.walk(&fields)
        try fields.field("resolution", &resolution, "What became of it.")
        try fields.field("proof", &proof, "Why the order cannot be live, if it is not.")
        try fields.field("found_by", &foundBy, "What settled it.")
        try fields.list("lookups", &lookups, 0...64, "The look-ups that were made.")
        try fields.field("alpaca_order_id", &alpacaOrderID, "The broker's id, if it has the order.")
        try fields.field("status", &status, "The status there.")
        try fields.field("execution_route", &executionRoute, "The way it went, if it is live.")
        try fields.field("_execution_adapter", &routeMarker, "The original's marker.")
        try fields.field("override_event_id", &overrideEventID, "The override it rests on.")
        try fields.field("actor", &actor, "Who vouched for it.")
        try fields.field("reason", &reason, "What was said.")
        try fields.field(
            "unknown_for_us", &unknownForMicroseconds, FieldNote("How long it was unknown.", unit: "microseconds"))
        try fields.field("raw_order", &rawOrder, "The order as it was found.")
    }
}
