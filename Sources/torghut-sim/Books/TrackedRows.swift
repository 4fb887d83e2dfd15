/// A list that knows which of its places changed since somebody asked.
struct TrackedRows<Row: Sendable>: Sendable, RandomAccessCollection {
    private var rows: [Row] = []
    private var touched: Set<Int> = []

    var startIndex: Int { 0 }
    var endIndex: Int { rows.count }

    subscript(place: Int) -> Row {
        get { rows[place] }
        _modify {
            touched.insert(place)
            yield &rows[place]
        }
    }

    mutating func append(_ row: Row) {
        touched.insert(rows.count)
        rows.append(row)
    }

    /// Takes the place's row, or the next free place: a replay tells rows in the order they came.
    mutating func restore(_ row: Row, at place: Int) -> Bool {
        guard place <= rows.count else { return false }
        if place == rows.count { rows.append(row) } else { rows[place] = row }
        return true
    }

    var hasChanged: Bool { !touched.isEmpty }

    /// The changed places, in order; none has changed afterwards.
    mutating func takeChanges() -> [Int] {
        guard !touched.isEmpty else { return [] }
        defer { touched.removeAll(keepingCapacity: true) }
        return touched.sorted()
    }

    /// From here on these count as changed.
    mutating func touch(_ places: Range<Int>) { touched.formUnion(places) }
}

/// Values by their symbol, and which of them changed since somebody asked.
struct TrackedTable<Value: Sendable>: Sendable {
    private(set) var all: [String: Value] = [:]
    private var touched: Set<String> = []

    subscript(symbol: String) -> Value? {
        get { all[symbol] }
        set {
            touched.insert(symbol)
            all[symbol] = newValue
        }
    }

    var hasChanged: Bool { !touched.isEmpty }

    mutating func takeChanges() -> [String] {
        guard !touched.isEmpty else { return [] }
        defer { touched.removeAll(keepingCapacity: true) }
        return touched.sorted()
    }

    mutating func touchAll() { touched.formUnion(all.keys) }
}
