/// Writes rows one after another as a binary COPY wants them.
///
/// `log_partition` is the first column of every table, and no fold has to think of it.
public struct RowWriting: ColumnWalker, Sendable {
    public var bytes = RowBytes()

    public typealias Failure = Never

    @inlinable public init() {}

    @inlinable @inline(__always)
    public mutating func column<Value: ColumnValue>(_ name: StaticString, _ value: inout Value, _ note: ColumnNote) {
        value.writeField(to: &bytes)
    }

    /// Appends one row and answers where it begins.
    @inlinable
    mutating func append<Row: StoredRow>(_ row: inout Row, of partition: Int32, columns: Int) -> Int {
        let start = bytes.count
        bytes.appendBig(Int16(columns + 1))
        partition.writeField(to: &bytes)
        row.walk(&self)
        bytes.settle()
        return start
    }

    /// The hash of the last row, which begins here.
    func hash(from start: Int, seed: UInt64) -> UInt128 {
        bytes.withBytes(from: start) { StateRoot.hash($0, seed: seed) }
    }

    @inlinable
    mutating func append<Key: RowKey>(_ key: inout Key) { key.walk(&self) }
}
