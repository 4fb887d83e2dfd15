/// A row that a key finds.
public protocol KeyedRow: FieldRecord {
    associatedtype Key: Comparable & Sendable
    var key: Key { get }
}

/// Few rows, always in the order of their keys: read by halving, and the same on every machine.
public struct KeyedRows<Row: KeyedRow>: Sendable, Equatable {
    public private(set) var rows: [Row] = []

    public init() {}

    public subscript(key: Row.Key) -> Row? {
        let index = place(of: key)
        return index < rows.count && rows[index].key == key ? rows[index] : nil
    }

    public mutating func put(_ row: Row) {
        let index = place(of: row.key)
        if index < rows.count, rows[index].key == row.key { rows[index] = row } else { rows.insert(row, at: index) }
    }

    public mutating func remove(_ key: Row.Key) {
        let index = place(of: key)
        if index < rows.count, rows[index].key == key { rows.remove(at: index) }
    }

    public mutating func removeAll(where isGone: (Row) -> Bool) { rows.removeAll(where: isGone) }

    public var count: Int { rows.count }

    /// The first index whose key is not before this one.
    private func place(of key: Row.Key) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ name: StaticString, _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.list(name, &rows, 0...Int.max, "In the order of their keys.")
    }
}
