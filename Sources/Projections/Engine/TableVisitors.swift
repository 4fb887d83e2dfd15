/// The shapes of a projection's tables.
struct ShapeListing: TableVisitor {
    var shapes: [TableShape] = []
    typealias Failure = Never

    mutating func current<Row: StoredRow>(_ table: inout CurrentTable<Row>) { shapes.append(TableShape(of: Row.self)) }
    mutating func transitions<Row: StoredRow>(_ table: inout TransitionTable<Row>) {
        shapes.append(TableShape(of: Row.self))
    }
}

/// How many rows are held in memory.
struct RowCounting: TableVisitor {
    var count = 0
    typealias Failure = Never

    mutating func current<Row: StoredRow>(_ table: inout CurrentTable<Row>) { count += table.count }
    mutating func transitions<Row: StoredRow>(_ table: inout TransitionTable<Row>) {}
}

/// Lets rows go that were not touched lately.
struct RowEvicting: TableVisitor {
    let limit: Int
    typealias Failure = Never

    mutating func current<Row: StoredRow>(_ table: inout CurrentTable<Row>) { table.evict(above: limit) }
    mutating func transitions<Row: StoredRow>(_ table: inout TransitionTable<Row>) {}
}

/// Takes what a batch wrote out of the tables, and brings the root up to date.
struct RowTaking: TableVisitor {
    let unit: UnitName
    var root: StateRoot
    var written: [UnitWrite.Table] = []
    typealias Failure = Never

    /// A rebuild leaves the rows as they are now in memory until its end.
    let stepsOnly: Bool

    init(unit: UnitName, root: StateRoot, stepsOnly: Bool) {
        self.unit = unit
        self.root = root
        self.stepsOnly = stepsOnly
    }

    mutating func current<Row: StoredRow>(_ table: inout CurrentTable<Row>) {
        guard !stepsOnly else { return }
        let taken = table.take(root: &root)
        append(taken.fresh, taken.merged, table.shape)
    }

    mutating func transitions<Row: StoredRow>(_ table: inout TransitionTable<Row>) {
        let (rows, added) = table.take()
        root.add(added)
        append(rows, EncodedRows(), table.shape)
    }

    private mutating func append(_ added: EncodedRows, _ merged: EncodedRows, _ shape: TableShape) {
        guard !added.isEmpty || !merged.isEmpty else { return }
        let physical = PhysicalName.table(shape.name, of: unit.projection, version: unit.version)
        written.append(UnitWrite.Table(shape: shape, physical: physical, added: added, merged: merged))
    }
}
