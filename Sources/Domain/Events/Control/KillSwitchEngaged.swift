public import Core

/// No more submits or replaces on any route.
public struct KillSwitchEngaged: Payload {
    @inlinable public static var type: EventType { .control(.killSwitchEngaged) }

    public var order: ControlOrder
    public var killSource: KillSource
    public var triggeredAt: Timestamp
    public var reached: [Address]
    public var notReached: [Address]

    @inlinable
    public init(
        order: ControlOrder, killSource: KillSource, triggeredAt: Timestamp, reached: [Address], notReached: [Address]
    ) {
        self.order = order
        self.killSource = killSource
        self.triggeredAt = triggeredAt
        self.reached = reached
        self.notReached = notReached
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        killSource = unread()
        triggeredAt = unread()
        reached = unread()
        notReached = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("kill_source", &killSource, "Who engaged it.")
        try fields.field("triggered_at", &triggeredAt, "When it was triggered.")
        try fields.list("reached", &reached, 0...256, "Routers that were told directly.")
        try fields.list("not_reached", &notReached, 0...256, "Routers that were not.")
    }
}
