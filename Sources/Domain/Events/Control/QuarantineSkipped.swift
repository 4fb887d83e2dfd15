/// A parked record is left out, for this reason.
public struct QuarantineSkipped: Payload {
    @inlinable public static var type: EventType { .control(.quarantineSkipped) }

    public var order: ControlOrder
    public var record: ParkedKey

    @inlinable
    public init(order: ControlOrder, record: ParkedKey) {
        self.order = order
        self.record = record
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        record = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try record.walk(&fields)
    }
}
