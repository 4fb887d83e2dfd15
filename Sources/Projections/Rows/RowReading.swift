/// Reads a row from its stored fields, in the order of the table.
struct RowReading: ColumnWalker, ~Escapable {
    private var rest: RawSpan
    private(set) var fieldCount: Int

    typealias Failure = RowFault

    /// One tuple as COPY gives it: the number of fields, and each with its length before it.
    @_lifetime(copy tuple)
    init(_ tuple: RawSpan) throws(RowFault) {
        guard tuple.byteCount >= 2 else { throw RowFault("a tuple of \(tuple.byteCount) bytes") }
        fieldCount = Int(try tuple.extracting(0..<2).bigEndian(Int16.self))
        rest = tuple.extracting(droppingFirst: 2)
    }

    mutating func column<Value: ColumnValue>(
        _ name: StaticString, _ value: inout Value, _ note: ColumnNote
    ) throws(RowFault) {
        guard rest.byteCount >= 4 else { throw RowFault("a tuple ends before column \(name)") }
        let length = Int(try rest.extracting(0..<4).bigEndian(Int32.self))
        guard length <= rest.byteCount - 4 else { throw RowFault("column \(name) is cut") }
        do {
            value = try Value.readField(length < 0 ? nil : rest.extracting(4..<4 + length))
        } catch { throw RowFault("column \(name): \(error)") }
        rest = rest.extracting(droppingFirst: 4 + max(0, length))
    }
}

extension StoredRow {
    /// A row and its partition from one stored tuple.
    static func stored(_ tuple: RawSpan) throws(RowFault) -> (row: Self, partition: Int32) {
        var reading = try RowReading(tuple)
        var partition: Int32 = 0
        try reading.column("log_partition", &partition, "")
        var row = Self()
        try row.walk(&reading)
        return (row, partition)
    }
}
