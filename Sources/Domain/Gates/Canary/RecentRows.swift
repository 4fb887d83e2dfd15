public import Core

/// A row that is remembered for a while, and then forgotten in the order in which rows came.
public protocol RecentRow: FieldRecord {
    associatedtype Key: Hashable & Sendable
    var key: Key { get }
    /// When it was made: rows are forgotten by it.
    var madeAt: Timestamp { get }
}

/// Rows of one partition, found by their keys and forgotten from the front.
///
/// All it holds depends on its own partition's records and on nothing else: so it is the same in whatever order
/// partitions are read.
public struct RecentRows<Row: RecentRow>: Sendable {
    private var slots: [Row] = []
    private var first = 0
    /// Counted from the first row ever.
    private var places: [Row.Key: Int] = [:]
    private var forgotten = 0
    /// The latest moment of those that were pushed out though they were young enough.
    public private(set) var pushedOut: Timestamp

    public init(pushedOut: Timestamp = .earliest) { self.pushedOut = pushedOut }

    public var rows: ArraySlice<Row> { slots[first...] }
    public var count: Int { slots.count - first }

    public subscript(key: Row.Key) -> Row? { places[key].map { slots[$0 - forgotten] } }

    /// Adds it, or takes the place of the one with this key.
    public mutating func put(_ row: Row) {
        if let place = places[row.key] { return slots[place - forgotten] = row }
        places[row.key] = slots.count + forgotten
        slots.append(row)
    }

    /// Changes the row with this key, if it is remembered.
    public mutating func change(_ key: Row.Key, _ change: (inout Row) -> Void) {
        guard let place = places[key] else { return }
        change(&slots[place - forgotten])
    }

    /// Forgets from the front: those that are too old, and those beyond the limit.
    public mutating func forget(before moment: Timestamp, keeping limit: Int) {
        while first < slots.count, slots[first].madeAt < moment || count > limit {
            if slots[first].madeAt >= moment { pushedOut = max(pushedOut, slots[first].madeAt) }
            places[slots[first].key] = nil
            first += 1
        }
        guard first > 1_024, first > slots.count / 2 else { return }
        slots.removeFirst(first)
        forgotten += first
        first = 0
    }
}
