/// The writes of a batch, gathered by table: one COPY or one array statement each, whichever units wrote.
struct Batch {
    struct Table {
        let definition: TableDefinition
        var added: [EncodedRows] = []
        var merged: [EncodedRows] = []

        var rows: [EncodedRows] { added + merged }
        var count: Int { rows.reduce(0) { $0 + $1.count } }
        var removesRows: Bool { merged.contains { $0.removed > 0 } }
    }

    static let stepShape = TableShape(of: CheckpointStep.self)

    let steps: EncodedRows
    private(set) var tables: [Table] = []

    init(_ writes: [UnitWrite]) {
        var writing = RowWriting()
        for write in writes {
            var step = CheckpointStep(write)
            _ = writing.append(&step, of: write.unit.partition, columns: Self.stepShape.columns.count)
        }
        var steps = EncodedRows()
        (steps.bytes, steps.count) = (writing.bytes.take(), writes.count)
        self.steps = steps
        var places: [String: Int] = [:]
        for write in writes {
            for table in write.tables {
                let place = places[table.physical] ?? tables.count
                if place == tables.count {
                    places[table.physical] = place
                    tables.append(
                        Table(
                            definition: TableDefinition(
                                table.shape, of: write.unit.projection, version: write.unit.version)))
                }
                if !table.added.isEmpty { tables[place].added.append(table.added) }
                if !table.merged.isEmpty { tables[place].merged.append(table.merged) }
            }
        }
    }

    var byteCount: Int { tables.reduce(0) { $0 + $1.rows.reduce(0) { $0 + $1.bytes.count } } }

    var rowCount: Int { tables.reduce(steps.count) { $0 + $1.count } }
}
