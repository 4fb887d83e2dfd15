internal import Core
internal import Domain
public import Postgres

/// A row that is not as it should be.
public struct Difference: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// In the naive table only.
        case missing
        /// In Postgres only.
        case surplus
        /// In both; `column: expected, found`.
        case edited([String])
        /// The table itself has other columns.
        case columns([String])
    }

    public let table: String
    public let key: String
    public let kind: Kind

    public var description: String {
        switch kind {
        case .missing: "\(table) [\(key)] is missing"
        case .surplus: "\(table) [\(key)] is surplus"
        case .edited(let columns): "\(table) [\(key)] differs: \(columns.joined(separator: "; "))"
        case .columns(let columns): "\(table) has other columns: \(columns.joined(separator: ", "))"
        }
    }
}

extension NaiveLog {
    /// What in Postgres is not as the naive tables are, at most `limit` of it.
    ///
    /// `relation` gives the name under which a table is read; it is the view that serves unless told otherwise.
    public func differences(
        in session: inout Session, of projections: [String] = NaiveLog.projections, limit: Int = 20,
        relation: (String) -> String = { $0 }
    ) throws(PostgresError) -> [Difference] {
        try session.run("SET TIME ZONE 'UTC'; SET DateStyle TO ISO; SET bytea_output TO hex")
        let models = ReadModel.all.filter { projections.contains($0.name) }
        var comparison = Comparison(limit: limit)
        for ownership in Set(models.map(\.ownership)) {
            let together = models.filter { $0.ownership == ownership }
            for partition in 0..<ownership.spec.partitions {
                let read = read(together, of: partition)
                for model in together {
                    let tables = tables(model, of: partition, read)
                    for table in model.tables + [model.parked] where !comparison.isFull {
                        let name = relation(table.name)
                        let found = try session.run("SELECT * FROM \(name) WHERE log_partition = \(partition)")
                        guard let rows = found.last?.rows else { continue }
                        comparison.compare(table, tables[table.name] ?? [], rows)
                    }
                }
            }
            for model in together {
                for table in model.tables + [model.parked] where !comparison.isFull {
                    let beyond = "log_partition NOT BETWEEN 0 AND \(ownership.spec.partitions - 1)"
                    let found = try session.run("SELECT * FROM \(relation(table.name)) WHERE \(beyond)")
                    if let rows = found.last?.rows { comparison.compare(table, [], rows) }
                }
            }
        }
        return comparison.differences
    }
}

extension NaiveLog {
    /// The same for tables that somebody holds as rows of texts, by name.
    public func differences(
        in tables: [String: [[String: String?]]], of projections: [String], limit: Int = 20
    ) -> [Difference] {
        var comparison = Comparison(limit: limit)
        for model in ReadModel.all where projections.contains(model.name) {
            var expected: [String: [[String: String?]]] = [:]
            for partition in 0..<model.ownership.spec.partitions {
                let found = self.tables(model, of: partition, read([model], of: partition))
                expected.merge(found) { $0 + $1 }
            }
            for table in model.tables + [model.parked] {
                comparison.compare(table, expected[table.name] ?? [], TextRows(tables[table.name] ?? []))
            }
        }
        return comparison.differences
    }
}

/// Rows to compare with, wherever they are from.
protocol ComparedRows {
    var count: Int { get }
    var columns: Int { get }
    func name(of column: Int) -> String
    func copy(_ row: Int, _ column: Int) -> [UInt8]?
}

extension Rows: ComparedRows {}

/// Rows held as texts by column; all have the columns of the first.
struct TextRows: ComparedRows {
    private let rows: [[String: String?]]
    private let names: [String]

    init(_ rows: [[String: String?]]) {
        self.rows = rows
        names = rows.first.map { $0.keys.sorted() } ?? []
    }

    var count: Int { rows.count }
    var columns: Int { names.count }
    func name(of column: Int) -> String { names[column] }
    func copy(_ row: Int, _ column: Int) -> [UInt8]? { (rows[row][names[column]] ?? nil).map { Array($0.utf8) } }
}

/// Goes through rows that should be the same.
struct Comparison {
    let limit: Int
    private(set) var differences: [Difference] = []

    init(limit: Int) { self.limit = limit }

    var isFull: Bool { differences.count >= limit }

    /// Columns that say why a record was parked, in words of the product's own.
    private static let unspecified: Set<String> = ["park_reason", "error_path", "detail", "event_type"]

    mutating func compare(_ table: ReadModel.Table, _ expected: [[String: String?]], _ found: some ComparedRows) {
        var columns = (0..<found.columns).map { (place: $0, name: found.name(of: $0)) }
        if table.name.hasSuffix("_parked") { columns.removeAll { Self.unspecified.contains($0.name) } }
        if table.name == "executions" { columns.removeAll { $0.name == "decision_id" } }
        let names = Set(columns.map(\.name))
        if !columns.isEmpty {
            let other = expected.first.map { names.symmetricDifference($0.keys) } ?? []
            guard other.isEmpty else { return add(table.name, "", .columns(other.sorted())) }
        }
        var awaited: [[UInt8]: [String: String?]] = [:]
        for row in expected {
            let key = Self.key(table.key.map { Array((row[$0] ?? nil)?.utf8 ?? "".utf8) })
            precondition(awaited.updateValue(row, forKey: key) == nil, "two naive rows of \(table.name) have one key")
        }
        let places = table.key.compactMap { name in columns.first { $0.name == name }?.place }
        for number in 0..<found.count where !isFull {
            let key = Self.key(places.map { found.copy(number, $0) ?? [] })
            let shown = Self.shown(key)
            guard let row = awaited.removeValue(forKey: key) else {
                add(table.name, shown, .surplus)
                continue
            }
            let edited = columns.compactMap { column in
                Self.difference(column.name, row[column.name] ?? nil, found.copy(number, column.place))
            }
            if !edited.isEmpty { add(table.name, shown, .edited(edited)) }
        }
        for key in awaited.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) where !isFull {
            add(table.name, Self.shown(key), .missing)
        }
    }

    private mutating func add(_ table: String, _ key: String, _ kind: Difference.Kind) {
        if !isFull { differences.append(Difference(table: table, key: key, kind: kind)) }
    }

    private static func difference(_ name: String, _ expected: String?, _ found: [UInt8]?) -> String? {
        let isSame =
            switch (expected, found) {
            case (nil, nil): true
            case (let expected?, let found?): found.elementsEqual(expected.utf8)
            default: false
            }
        guard !isSame else { return nil }
        return
            "\(name): expected \(expected ?? "null"), found \(found.map { String(decoding: $0, as: UTF8.self) } ?? "null")"
    }

    private static func key(_ parts: [[UInt8]]) -> [UInt8] { Array(parts.joined(separator: [0])) }

    private static func shown(_ key: [UInt8]) -> String {
        key.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
            .joined(separator: ", ")
    }
}
