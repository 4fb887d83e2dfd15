/// The positions that a judgement was computed from.
public struct PositionVector: FieldRecord {
    public var positions: [LogPosition]

    @inlinable
    public init(positions: [LogPosition]) {
        self.positions = positions
    }

    @inlinable
    public init(unread: Unread) {
        positions = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.list("positions", &positions, 0...256, "One for each topic and partition read.")
    }
}
