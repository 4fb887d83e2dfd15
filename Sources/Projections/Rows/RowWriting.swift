/// Writes rows one after another as a binary COPY wants them.
///
/// `log_partition` is the first column of every table, and no fold has to think of it.
struct RowWriting: ColumnWalker {
    var bytes: [UInt8] = []

    typealias Failure = Never

    mutating func column<Value: ColumnValue>(_ name: StaticString, _ value: inout Value, _ note: ColumnNote) {
        value.writeField(to: &bytes)
    }

    /// Appends one row and answers where it begins.
    mutating func append<Row: StoredRow>(_ row: inout Row, of partition: Int32, columns: Int) -> Int {
        let start = bytes.count
        bytes.appendBig(Int16(columns + 1))
        partition.writeField(to: &bytes)
        row.walk(&self)
        return start
    }

    /// The hash of the last row, which begins here.
    func hash(from start: Int, seed: UInt64) -> UInt128 {
        // Safe: bytes are plain integers.
        StateRoot.hash(unsafe bytes.span.bytes.extracting(droppingFirst: start), seed: seed)
    }

    /// Takes back the rows from here on.
    mutating func withdraw(from start: Int) { bytes.removeSubrange(start...) }

    mutating func append<Key: RowKey>(_ key: inout Key) { key.walk(&self) }
}
