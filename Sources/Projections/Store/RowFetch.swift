internal import Postgres

/// Gets the rows a batch needs and memory has not: one query for each table that misses any, all in one round trip.
///
/// Tables are visited twice, first to ask and then to take the answers in the same order.
struct RowFetch: TableVisitor {
    private struct Asked {
        let unit: UnitName
        let physical: String
    }

    private let open: OpenSession
    private var unit = UnitName("", version: 0, partition: 0)
    private var queries: [PipelineStep] = []
    private var asked: [Asked] = []
    private var answers: [StatementResult] = []
    private var taken = 0
    private var isTaking = false

    typealias Failure = any Error

    init(_ open: OpenSession) { self.open = open }

    /// Asks for what the tables miss; `visit` shows all of them to the fetch, each time in the same order.
    mutating func fetch(_ visit: (inout RowFetch) throws -> Void) throws {
        (queries, asked, answers, taken, isTaking) = ([], [], [], 0, false)
        try visit(&self)
        guard !queries.isEmpty else { return }
        answers = try open.session.pipeline(queries)
        isTaking = true
        try visit(&self)
    }

    mutating func fetch(for units: [any FoldingUnit]) throws {
        try fetch { fetch in
            for unit in units { try unit.showMissing(to: &fetch) }
        }
    }

    /// Shows the tables of one unit.
    mutating func show<Tables: TableSet>(_ tables: inout Tables, of unit: UnitName) throws {
        self.unit = unit
        try tables.visit(&self)
    }

    mutating func transitions<Row: StoredRow>(_ table: inout TransitionTable<Row>) {}

    mutating func current<Row: StoredRow>(_ table: inout CurrentTable<Row>) throws {
        let definition = TableDefinition(table.shape, of: unit.projection, version: unit.version)
        if isTaking { try take(into: &table, definition) } else { try ask(for: &table, definition) }
    }

    private mutating func ask<Row: StoredRow>(
        for table: inout CurrentTable<Row>, _ definition: TableDefinition
    ) throws {
        let missing = table.takeMissing()
        guard !missing.isEmpty else { return }
        let keys = KeyArrays(missing, of: table.shape)
        let columns = WriteStatements.columns(definition)
        let names = table.shape.key.map(\.name).joined(separator: ", ")
        let statement = try open.plan(
            "SELECT \(columns) FROM \(definition.physical) WHERE (\(names)) IN (SELECT * FROM \(keys.source))")
        queries.append(PipelineStep(statement, keys.parameters))
        asked.append(Asked(unit: unit, physical: definition.physical))
    }

    private mutating func take<Row: StoredRow>(
        into table: inout CurrentTable<Row>, _ definition: TableDefinition
    ) throws {
        guard taken < asked.count, asked[taken].unit == unit, asked[taken].physical == definition.physical else {
            return
        }
        let rows = answers[taken].rows
        taken += 1
        var tuple: [UInt8] = []
        for index in 0..<rows.count {
            tuple.removeAll(keepingCapacity: true)
            rows.appendTuple(index, to: &tuple)
            let (row, partition): (Row, Int32)
            // Safe: bytes are plain integers.
            do { (row, partition) = try Row.stored(unsafe tuple.span.bytes) } catch {
                throw FoldFailure(unit: unit, description: "a row of \(definition.physical) cannot be read: \(error)")
            }
            guard partition == unit.partition else {
                throw FoldFailure(
                    unit: unit,
                    description: "a row of \(definition.physical) that it needs belongs to partition \(partition)")
            }
            table.found(row, stored: StateRoot.hash(unsafe tuple.span.bytes, seed: Row.table.seed))
        }
    }
}

/// Keys as one array for each key column.
struct KeyArrays {
    let parameters: Parameters
    let source: String

    init<Key: RowKey>(_ keys: [Key], of shape: TableShape) {
        var writing = RowWriting()
        for key in keys {
            var key = key
            writing.bytes.appendBig(Int16(shape.key.count))
            writing.append(&key)
        }
        var rows = EncodedRows()
        (rows.bytes, rows.count) = (writing.bytes.take(), keys.count)
        var parameters = Parameters()
        ColumnArrays([rows], types: shape.key.map(\.type)).append(to: &parameters)
        self.parameters = parameters
        let arrays = shape.key.enumerated().map { "$\($0 + 1)::\($1.type.rawValue)[]" }
        source = "unnest(\(arrays.joined(separator: ", ")))"
    }
}

extension Rows {
    /// A row of an answer in the form it was copied in as.
    func appendTuple(_ row: Int, to tuple: inout [UInt8]) {
        tuple.appendBig(Int16(columns))
        for column in 0..<columns {
            guard let field = bytes(row, column) else {
                tuple.appendBig(-1 as Int32)
                continue
            }
            tuple.appendBig(Int32(field.byteCount))
            // Safe: the bytes are copied inside the call.
            unsafe field.withUnsafeBytes { unsafe tuple.append(contentsOf: $0) }
        }
    }
}
