public import Core

/// How often something happened for a reason.
public struct ReasonCount: FieldRecord {
    public var reason: Code
    public var count: Int64

    @inlinable
    public init(reason: Code, count: Int64) {
        self.reason = reason
        self.count = count
    }

    @inlinable
    public init(unread: Unread) {
        reason = unread()
        count = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("reason", &reason, "The reason.")
        try fields.field("count", &count, "How often.")
    }
}
