/// A parked record is folded as this instead.
public struct QuarantinePatched: Payload {
    @inlinable public static var type: EventType { .control(.quarantinePatched) }

    public var order: ControlOrder
    public var record: ParkedKey
    public var patchedValue: Octets
    public var originalSHA256: ContentHash

    @inlinable
    public init(order: ControlOrder, record: ParkedKey, patchedValue: Octets, originalSHA256: ContentHash) {
        self.order = order
        self.record = record
        self.patchedValue = patchedValue
        self.originalSHA256 = originalSHA256
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        record = unread()
        patchedValue = unread()
        originalSHA256 = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try record.walk(&fields)
        try fields.field("patched_value", &patchedValue, "The record to fold.")
        try fields.field("original_sha256", &originalSHA256, "What the record's bytes hash to.")
    }
}
