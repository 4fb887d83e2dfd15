/// A parked record may be folded again.
public struct QuarantineReleased: Payload {
    @inlinable public static var type: EventType { .control(.quarantineReleased) }

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
