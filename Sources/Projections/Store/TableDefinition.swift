internal import Postgres

/// The SQL that makes a table; all of it comes from the row's own columns and from names in the program.
struct TableDefinition {
    let shape: TableShape
    let physical: String

    init(_ shape: TableShape, of projection: String, version: Int) {
        self.shape = shape
        physical = PhysicalName.table(shape.name, of: projection, version: version)
    }

    /// A current row has one key in all partitions; a step, and a parked record, one in its partition.
    var keyColumns: [String] {
        let key = shape.key.map(\.name)
        return shape.name.isKeyedInPartition ? [TableShape.partition.name] + key : key
    }

    /// Without keys and indexes, which a rebuild makes last.
    var create: String { "CREATE TABLE \(body)" }

    /// Of the same name, seen by one session alone, and by it in the table's place.
    var createShadow: String { "CREATE TEMP TABLE \(body); \(primaryKey)" }

    private var body: String {
        let columns = shape.allColumns.map { column in
            "\(column.name) \(column.type.rawValue)\(column.isNullable ? "" : " NOT NULL")"
        }
        // Rows that change find room for their next version on the same page.
        let room = shape.name.kind == .current ? " WITH (fillfactor = 80)" : ""
        return "\(physical) (\(columns.joined(separator: ", ")))\(room)"
    }

    private var primaryKey: String {
        "ALTER TABLE \(physical) ADD PRIMARY KEY (\(keyColumns.joined(separator: ", ")))"
    }

    var keys: [String] {
        [primaryKey]
            + shape.name.indexes.map { index in
                "CREATE INDEX \(index.name)_v\(physical.split(separator: "v").last ?? "") ON \(physical)"
                    + " (\(index.columns.joined(separator: ", ")))"
            }
    }

    /// For `\d+` and for tools that show comments.
    var comments: [String] {
        ["COMMENT ON TABLE \(physical) IS \(Self.quoted(shape.name.meaning))"]
            + shape.allColumns.map { column in
                let unit = column.unit.map { " (\($0))" } ?? ""
                return "COMMENT ON COLUMN \(physical).\(column.name) IS \(Self.quoted(column.meaning + unit))"
            }
    }

    var drop: String { "DROP TABLE IF EXISTS \(physical)" }

    /// Of texts that stand in the program.
    private static func quoted(_ text: String) -> String {
        "'\(text.replacing("'", with: "''"))'"
    }
}
