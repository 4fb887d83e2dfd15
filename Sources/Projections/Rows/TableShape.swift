/// What a table is called and how its rows come about.
public struct TableName: Hashable, Sendable {
    public enum Kind: Sendable, Hashable {
        /// One row for each key, as it is now.
        case current
        /// One row for each step, never changed.
        case transitions
    }

    /// The name readers use; it is a view over the version that serves.
    public let name: String
    public let kind: Kind
    public let meaning: String
    public let indexes: [TableIndex]

    public init(_ name: String, _ kind: Kind, _ meaning: String, indexes: [TableIndex] = []) {
        self.name = name
        self.kind = kind
        self.meaning = meaning
        self.indexes = indexes
        seed = name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    /// A step has its place in one partition's order; a parked record may wait in several partitions.
    var isKeyedInPartition: Bool { kind == .transitions || self == ParkedRow.table }

    /// Each table's rows are hashed apart from those of other tables.
    let seed: UInt64
}

/// An index that a documented question needs; each costs on every write.
public struct TableIndex: Hashable, Sendable {
    public let name: String
    public let columns: [String]
    public let why: String

    public init(_ name: String, on columns: String..., why: String) {
        self.name = name
        self.columns = columns
        self.why = why
    }
}

/// Everything the store must know of a table; made from its row, never written by hand.
public struct TableShape: Sendable {
    public let name: TableName
    /// Without `log_partition`, which every table has first.
    public let columns: [Column]
    public let key: [Column]

    public init<Row: StoredRow>(of row: Row.Type) {
        name = Row.table
        columns = Listing.columns { (listing: inout Listing) in
            var blank = Row()
            blank.walk(&listing)
        }
        key = Listing.columns { (listing: inout Listing) in
            var blank = Row.Key()
            blank.walk(&listing)
        }
        for column in key {
            precondition(
                columns.contains { $0.name == column.name && $0.type == column.type && !$0.isNullable },
                "key column \(column.name) of \(name.name) is a column of the row and never null")
        }
    }

    public static let partition = Column(
        name: "log_partition", type: .integer, isNullable: false,
        meaning: "The partition of the log that the row was folded from.", unit: nil)

    public var allColumns: [Column] { [Self.partition] + columns }

    private struct Listing: ColumnWalker {
        var found: [Column] = []
        typealias Failure = Never

        mutating func column<Value: ColumnValue>(_ name: StaticString, _ value: inout Value, _ note: ColumnNote) {
            found.append(
                Column(
                    name: "\(name)", type: Value.columnType, isNullable: Value.isNullable, meaning: "\(note.text)",
                    unit: note.unit.map { "\($0)" }))
        }

        static func columns(_ walk: (inout Listing) -> Void) -> [Column] {
            var listing = Listing()
            walk(&listing)
            return listing.found
        }
    }
}
