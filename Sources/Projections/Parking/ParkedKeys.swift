internal import Core
internal import Domain

/// Which keys wait: the record that holds each up, and those behind it, in the order of the log.
///
/// An operator may only decide on the record at the head. A word about another is without effect, whenever it is
/// read; that, and `settledAt`, make the outcome the same for every order in which control and the records are read.
struct ParkedKeys: Sendable {
    struct Line: Sendable {
        var head: ParkedRow.Key?
        var behind: [ParkedRow.Key] = []
        /// Where control said the last word that freed this key; earlier words about later records are void.
        var settledAt: Int64 = -1
    }

    /// A key of one source; a record without a key stands for itself.
    enum Name: Hashable, Sendable {
        case key(TopicPartition, [UInt8])
        case record(RecordPosition)
    }

    private struct Waiting: Sendable {
        let name: Name
        let bytes: Int
        let isCounted: Bool
    }

    private(set) var lines: [Name: Line] = [:]
    /// Records that wait, at the head and behind.
    private var records: [ParkedRow.Key: Waiting] = [:]
    /// How many of them count against the limit, and what their values hold.
    ///
    /// Records of control have room always. Were they counted, whoever reads control first would find less room for the
    /// others than who reads it last.
    private(set) var counted = 0
    private(set) var countedBytes = 0

    var waiting: Int { records.count }

    static func name(key: [UInt8]?, at position: RecordPosition) -> Name {
        key.map { .key(position.source, $0) } ?? .record(position)
    }

    subscript(name: Name) -> Line { lines[name] ?? Line() }

    func name(of record: ParkedRow.Key) -> Name? { records[record]?.name }

    mutating func park(_ row: ParkedRow, of name: Name) {
        precondition(lines[name]?.head == nil, "a key is held up by one record")
        lines[name, default: Line()].head = row.key
        remember(row, of: name)
    }

    mutating func `defer`(_ row: ParkedRow, of name: Name) {
        lines[name, default: Line()].behind.append(row.key)
        remember(row, of: name)
    }

    private mutating func remember(_ row: ParkedRow, of name: Name) {
        let bytes = row.value?.count ?? 0
        let isCounted = row.key.position.source.topic != TopicCatalog.control.name
        records[row.key] = Waiting(name: name, bytes: bytes, isCounted: isCounted)
        guard isCounted else { return }
        counted += 1
        countedBytes += bytes
    }

    /// The head is settled by the word at `offset`.
    mutating func settleHead(of name: Name, at offset: Int64) {
        guard let head = lines[name]?.head else { preconditionFailure("nothing holds up this key") }
        lines[name]?.head = nil
        forget(head)
        settled(name, at: offset)
    }

    /// Takes out the record that waits first, now that nothing holds it up.
    mutating func takeNext(of name: Name) -> ParkedRow.Key? {
        guard let line = lines[name], !line.behind.isEmpty else { return nil }
        precondition(line.head == nil, "a record waits while its key is held up")
        let next = lines[name]?.behind.removeFirst()
        if let next { forget(next) }
        return next
    }

    private mutating func forget(_ record: ParkedRow.Key) {
        guard let forgotten = records.removeValue(forKey: record) else {
            preconditionFailure("a record that waits is known")
        }
        guard forgotten.isCounted else { return }
        counted -= 1
        countedBytes -= forgotten.bytes
    }

    /// The key was freed by a word about a record that never came to wait.
    mutating func settled(_ name: Name, at offset: Int64) {
        lines[name, default: Line()].settledAt = max(lines[name]?.settledAt ?? -1, offset)
    }

    /// Takes in a stored row after a restart; rows come in the order of the log.
    mutating func restore(_ row: ParkedRow) {
        let name = Self.name(key: row.recordKey, at: row.place.position)
        switch ParkedRow.State(rawValue: row.state) {
        case .parked: park(row, of: name)
        case .deferred: `defer`(row, of: name)
        case .skipped, .patched: settled(name, at: row.settledBy ?? -1)
        case .folded, nil: break
        }
    }
}
