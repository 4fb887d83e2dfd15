/// Rows of one partition as they are now: those a batch needs, and a cache of those it may need again.
///
/// The cache is what the owner wrote or fetched itself, so it is true as long as the owner's connection lives; it dies
/// with it. A fold may only touch rows that it named before, in `need`.
public struct CurrentTable<Row: StoredRow>: Sendable {
    struct Entry: Sendable {
        let key: Row.Key
        var row: Row?
        /// The hash of the row as it is stored; `nil` while it is not.
        var stored: UInt128?
        var isChanged = false
    }

    private var slots: [Row.Key: Int] = [:]
    private var entries: [Entry] = []
    /// In which batch each was needed last: apart, because `need` looks at nothing else of it.
    private var touched: [Int] = []
    private var order = NeededOrder()
    private var changed: [Int] = []
    private(set) var missing: [Row.Key] = []
    private var batch = 0
    private let partition: Int32
    let shape: TableShape
    /// True while a rebuild fills a fresh table: what is not here is nowhere.
    private let isWhole: Bool

    init(partition: Int32, shape: TableShape, isWhole: Bool) {
        self.partition = partition
        self.shape = shape
        self.isWhole = isWhole
        precondition(Row.table.kind == .current, "\(Row.table.name) keeps rows as they are now")
    }

    /// How many rows are held.
    var count: Int { entries.count }

    /// The rows in memory.
    var held: [Row] { entries.compactMap(\.row) }

    /// Names a row that the fold may read or change.
    public mutating func need(_ key: Row.Key) {
        if let slot = slots[key] {
            touched[slot] = batch
            order.append(slot)
        } else {
            slots[key] = entries.count
            order.append(entries.count)
            entries.append(Entry(key: key, row: nil, stored: nil))
            touched.append(batch)
            if !isWhole { missing.append(key) }
        }
    }

    /// The row, if there is one.
    public subscript(key: Row.Key) -> Row? { entries[order.near { entries[$0].key == key } ?? slot(of: key)].row }

    /// Changes the row of this key; `making` gives the one to start with when there is none.
    public mutating func change(_ key: Row.Key, making: @autoclosure () -> Row, _ body: (inout Row) -> Void) {
        let slot = nextSlot(of: key)
        // Taken out while it is changed, so that its fields are changed in place.
        var row = entries[slot].row.take() ?? making()
        body(&row)
        entries[slot].row = row
        markChanged(slot)
    }

    /// Changes the row of this key, if there is one.
    public mutating func change(_ key: Row.Key, _ body: (inout Row) -> Void) {
        let slot = nextSlot(of: key)
        guard var row = entries[slot].row.take() else { return }
        body(&row)
        entries[slot].row = row
        markChanged(slot)
    }

    private mutating func markChanged(_ slot: Int) {
        guard !entries[slot].isChanged else { return }
        entries[slot].isChanged = true
        changed.append(slot)
    }

    /// Folds touch rows in the order they were named in, so the slot is mostly known without a look into the table.
    private mutating func nextSlot(of key: Row.Key) -> Int {
        if let slot = order.near({ entries[$0].key == key }) {
            order.reached(slot)
            return slot
        }
        let slot = slot(of: key)
        order.reached(slot)
        return slot
    }

    private func slot(of key: Row.Key) -> Int {
        guard let slot = slots[key] else {
            preconditionFailure("a fold touched a row of \(Row.table.name) that it had not named")
        }
        return slot
    }

    /// Takes in a row that was missing, as it is stored.
    mutating func found(_ row: Row, stored hash: UInt128) {
        let slot = slot(of: row.key)
        entries[slot].row = row
        entries[slot].stored = hash
    }

    /// Whatever was missing has been looked for.
    mutating func endFetch() { missing.removeAll(keepingCapacity: true) }

    /// The batch's changed rows, and what that makes of the root; rows that ended as they began are left out.
    mutating func take(root: inout StateRoot) -> TakenRows {
        var (fresh, merged) = (RowWriting(), RowWriting())
        var taken = TakenRows()
        for slot in changed {
            entries[slot].isChanged = false
            guard var row = entries[slot].row.take() else { continue }
            precondition(row.key == entries[slot].key, "a row of \(Row.table.name) keeps its key")
            let isKept = row.isKept
            guard let stored = entries[slot].stored else {
                guard isKept else { continue }
                let start = fresh.append(&row, of: partition, columns: shape.columns.count)
                let hash = fresh.hash(from: start, seed: shape.name.seed)
                entries[slot].row = row
                entries[slot].stored = hash
                root.add(hash)
                taken.fresh.count += 1
                continue
            }
            let start = merged.append(&row, of: partition, columns: shape.columns.count)
            let hash = merged.hash(from: start, seed: shape.name.seed)
            if isKept { entries[slot].row = row }
            if isKept, stored == hash {
                merged.bytes.withdraw(from: start)
                continue
            }
            root.remove(stored)
            taken.merged.count += 1
            if isKept {
                root.add(hash)
                entries[slot].stored = hash
            } else {
                // Written all the same, because the write removes it.
                entries[slot].stored = nil
                taken.merged.removed += 1
            }
        }
        changed.removeAll(keepingCapacity: true)
        order.removeAll()
        batch += 1
        taken.fresh.bytes = fresh.bytes.take()
        taken.merged.bytes = merged.bytes.take()
        return taken
    }

    /// Lets rows go that were not touched lately, until at most half of `limit` are left or all are recent.
    ///
    /// Rows of the last two batches stay: the last one may not be committed yet, and a fetch would find them older.
    mutating func evict(above limit: Int) {
        guard entries.count > limit else { return }
        var ages: [Int: Int] = [:]
        for age in touched { ages[age, default: 0] += 1 }
        var (kept, oldest) = (0, batch)
        for age in ages.keys.sorted(by: >) {
            guard age >= batch - 2 || kept + ages[age, default: 0] <= limit / 2 else { break }
            kept += ages[age, default: 0]
            oldest = age
        }
        let staying = entries.indices.filter { touched[$0] >= oldest }
        entries = staying.map { entries[$0] }
        touched = staying.map { touched[$0] }
        slots.removeAll(keepingCapacity: true)
        for (slot, entry) in entries.enumerated() { slots[entry.key] = slot }
    }

    /// The keys that were missing, as the columns of an array parameter each.
    mutating func takeMissing() -> [Row.Key] {
        defer { missing.removeAll(keepingCapacity: true) }
        return missing
    }
}
