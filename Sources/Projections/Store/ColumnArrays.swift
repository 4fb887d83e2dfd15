internal import Postgres

/// Rows turned into one array for each column, for `unnest`.
///
/// A row's fields and an array's elements have the same form, so nothing is read: bytes move.
struct ColumnArrays {
    private var columns: [[UInt8]]
    private var hasNull: [Bool]
    private let types: [ColumnType]

    init(_ rows: [EncodedRows], of shape: TableShape) { self.init(rows, types: shape.allColumns.map(\.type)) }

    init(_ rows: [EncodedRows], types: [ColumnType]) {
        self.types = types
        columns = types.map { _ in [] }
        hasNull = types.map { _ in false }
        var count = 0
        for part in rows {
            count += part.count
            // Safe: the tuples are ours, and each length was written beside its field.
            unsafe part.bytes.withUnsafeBytes { bytes in unsafe take(bytes) }
        }
        for index in columns.indices { frame(index, count) }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) {
        var at = 0
        while at < bytes.count {
            at += 2
            for index in columns.indices {
                let length = Int(Int32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: at, as: Int32.self)))
                if length < 0 { hasNull[index] = true }
                let end = at + 4 + max(0, length)
                unsafe columns[index].append(contentsOf: bytes[at..<end])
                at = end
            }
        }
    }

    /// An array's head: one dimension, whether there are nulls, the type, how many, counted from one.
    private mutating func frame(_ index: Int, _ count: Int) {
        var head: [UInt8] = []
        head.appendBig(1 as Int32)
        head.appendBig(hasNull[index] ? 1 : 0 as Int32)
        head.appendBig(types[index].oid)
        head.appendBig(Int32(count))
        head.appendBig(1 as Int32)
        columns[index].insert(contentsOf: head, at: 0)
    }

    func append(to parameters: inout Parameters) {
        for (index, column) in columns.enumerated() {
            parameters.append(column, as: PostgresType(oid: types[index].arrayOID))
        }
    }

    /// The rows again, in SQL.
    static func source(_ shape: TableShape) -> String {
        let columns = shape.allColumns
        let arrays = columns.enumerated().map { "$\($0 + 1)::\($1.type.rawValue)[]" }
        return "unnest(\(arrays.joined(separator: ", "))) AS rows(\(columns.map(\.name).joined(separator: ", ")))"
    }
}
