/// The lane may be used again.
public struct LaneEnabled: Payload {
    @inlinable public static var type: EventType { .control(.laneEnabled) }

    public var order: ControlOrder
    public var lane: Lane

    @inlinable
    public init(order: ControlOrder, lane: Lane) {
        self.order = order
        self.lane = lane
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
    }
}
