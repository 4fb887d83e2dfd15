public import Core

/// New intents of the lane go to Alpaca.
public struct LaneDisabled: Payload {
    @inlinable public static var type: EventType { .control(.laneDisabled) }

    public var order: ControlOrder
    public var lane: Lane
    public var incidentKey: Label?

    @inlinable
    public init(order: ControlOrder, lane: Lane, incidentKey: Label? = nil) {
        self.order = order
        self.lane = lane
        self.incidentKey = incidentKey
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
    }
}
