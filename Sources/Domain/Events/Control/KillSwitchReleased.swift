/// Submits are allowed again.
public struct KillSwitchReleased: Payload {
    @inlinable public static var type: EventType { .control(.killSwitchReleased) }

    public var order: ControlOrder
    public var engagedEventID: EventID?

    @inlinable
    public init(order: ControlOrder, engagedEventID: EventID? = nil) {
        self.order = order
        self.engagedEventID = engagedEventID
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("engaged_event_id", &engagedEventID, "The engagement it ends.")
    }
}
