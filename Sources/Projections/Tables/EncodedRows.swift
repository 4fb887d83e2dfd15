/// Rows of one table that a batch writes: whole tuples, one after another, as a binary COPY wants them.
public struct EncodedRows: Sendable {
    public var bytes: [UInt8] = []
    public var count = 0
    /// How many of them are only there to be removed.
    public var removed = 0

    public init() {}

    public var isEmpty: Bool { count == 0 }
}
