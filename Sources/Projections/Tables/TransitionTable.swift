/// The steps of one batch: appended, never looked at again.
public struct TransitionTable<Row: StoredRow>: Sendable {
    private var writing = RowWriting()
    private var count = 0
    private var added = StateRoot()
    private let partition: Int32
    let shape: TableShape

    init(partition: Int32, shape: TableShape) {
        self.partition = partition
        self.shape = shape
        precondition(Row.table.kind == .transitions, "\(Row.table.name) keeps steps")
    }

    public mutating func append(_ row: consuming Row) {
        var row = row
        let start = writing.append(&row, of: partition, columns: shape.columns.count)
        count += 1
        added.add(writing.hash(from: start, seed: shape.name.seed))
    }

    /// The batch's rows, and what they add to the root.
    mutating func take() -> (rows: EncodedRows, added: StateRoot) {
        var rows = EncodedRows()
        rows.bytes = writing.bytes.take()
        rows.count = count
        defer { (count, added) = (0, StateRoot()) }
        return (rows, added)
    }
}
