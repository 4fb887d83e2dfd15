public import Core

/// A router has stopped, and says when its last byte went out.
public struct KillSwitchObserved: Payload {
    @inlinable public static var type: EventType { .control(.killSwitchObserved) }

    public var order: ControlOrder
    public var process: ProcessName
    public var engagedEventID: EventID?
    public var observedAt: Timestamp
    public var lastSentAt: Timestamp?
    public var stopMicroseconds: Int64?
    public var openOrders: Int64

    @inlinable
    public init(
        order: ControlOrder, process: ProcessName, engagedEventID: EventID? = nil, observedAt: Timestamp,
        lastSentAt: Timestamp? = nil, stopMicroseconds: Int64? = nil, openOrders: Int64
    ) {
        self.order = order
        self.process = process
        self.engagedEventID = engagedEventID
        self.observedAt = observedAt
        self.lastSentAt = lastSentAt
        self.stopMicroseconds = stopMicroseconds
        self.openOrders = openOrders
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        process = unread()
        observedAt = unread()
        openOrders = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("process", &process, "The router.")
        try fields.field("engaged_event_id", &engagedEventID, "The engagement it obeys, if it was an event.")
        try fields.field("observed_at", &observedAt, "When it saw it.")
        try fields.field("last_sent_at", &lastSentAt, "When its last submit went out.")
        try fields.field(
            "stop_us", &stopMicroseconds, FieldNote("From the trigger to the last submit.", unit: "microseconds"))
        try fields.field("open_orders", &openOrders, "Orders it asks to be canceled.")
    }
}
