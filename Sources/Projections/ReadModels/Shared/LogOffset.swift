/// Which record a step was made of; its topic is the projection's, its partition the row's.
public struct LogOffset: RowKey {
    var offset: Int64 = 0

    public init() {}

    init(_ offset: Int64) { self.offset = offset }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("log_offset", &offset, "Offset of the record.")
    }
}
