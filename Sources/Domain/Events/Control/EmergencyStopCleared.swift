/// New intents are allowed again; a disabled lane stays disabled.
public struct EmergencyStopCleared: Payload {
    @inlinable public static var type: EventType { .control(.emergencyStopCleared) }

    public var order: ControlOrder
    public var latchedEventID: EventID?
    public var cleanEvaluations: Int64?

    @inlinable
    public init(order: ControlOrder, latchedEventID: EventID? = nil, cleanEvaluations: Int64? = nil) {
        self.order = order
        self.latchedEventID = latchedEventID
        self.cleanEvaluations = cleanEvaluations
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
        try fields.field("latched_event_id", &latchedEventID, "The latch it ends.")
        try fields.field("clean_evaluations", &cleanEvaluations, "Clean evaluations before it cleared by itself.")
    }
}
