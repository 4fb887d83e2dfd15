public import Core

/// New intents of the lane go to Alpaca; a lane that is only tried out works, and nothing follows from it.
public struct LaneDisabled: Payload {
    @inlinable public static var type: EventType { .control(.laneDisabled) }

    public var order: ControlOrder
    public var lane: Lane
    public var incidentKey: Label?
    public var dryRun: Bool?

    @inlinable
    public init(order: ControlOrder, lane: Lane, incidentKey: Label? = nil, dryRun: Bool? = nil) {
        self.order = order
        self.lane = lane
        self.incidentKey = incidentKey
        self.dryRun = dryRun
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        lane = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("lane", &lane, "Which.")
        try fields.field("incident_key", &incidentKey, "The incident behind it.")
        try fields.field("dry_run", &dryRun, "Whether it goes on without consequences, instead of not at all.")
    }
}
