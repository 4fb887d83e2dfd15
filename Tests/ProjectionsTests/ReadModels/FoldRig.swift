import Core
import Domain
import TestSupport
import Wire

@testable import Projections

/// A projection in memory: folds what it is told, and gives its rows as they would be stored.
struct FoldRig<P: Projection> {
    var partitions: [Int32: P.Tables] = [:]
    /// Every row as it is stored, by table and key.
    private(set) var rows: [String: [UInt8]] = [:]
    private(set) var refusals: [Refusal] = []
    private var offsets: [TopicPartition: Int64] = [:]

    /// Gives each event its place, as the log would.
    static func place(_ events: [Event]) -> [(event: Event, place: RecordPosition)] {
        var offsets: [TopicPartition: Int64] = [:]
        return events.map { event in
            let topic = event.content.type.family.topic
            let partition = event.key.map { Murmur2Partitioner.partition(forKey: $0, of: topic.spec.partitions) } ?? 0
            let source = TopicPartition(topic.name, partition)
            defer { offsets[source, default: 0] += 1 }
            return (event, RecordPosition(source, offsets[source, default: 0]))
        }
    }

    mutating func fold(_ events: [Event]) { fold(Self.place(events)) }

    /// Folds each event into every partition that reads it, one at a time, and stores what changed.
    mutating func fold(_ placed: [(event: Event, place: RecordPosition)]) {
        for (event, place) in placed where P.wants.contains(event.content.type) {
            for partition in Self.readers(of: place.source) {
                var tables =
                    partitions[partition] ?? P.Tables(TableMaker(partition: partition, isWhole: true))
                P.need(of: event, in: &tables)
                P.follow(event, in: &tables)
                do throws(Refusal) { try P.fold(event, at: place, into: &tables) } catch { refusals.append(error) }
                var storing = Storing(partition: partition, rows: rows)
                do { try tables.visit(&storing) } catch { preconditionFailure("\(error)") }
                rows = storing.rows
                partitions[partition] = tables
            }
        }
    }

    private static func readers(of source: TopicPartition) -> [Int32] {
        let count = P.ownership.spec.partitions
        return (0..<count).filter { P.sources(of: $0).contains(source) && (count == 1 || reads(source, $0)) }
    }

    private static func reads(_ source: TopicPartition, _ partition: Int32) -> Bool {
        P.sources(of: partition).contains(source)
    }
}

/// Stores rows, and reads each of them back: what is read must be what was written.
private struct Storing: TableVisitor {
    typealias Failure = RowFault

    let partition: Int32
    var rows: [String: [UInt8]]

    mutating func current<Row: StoredRow>(_ table: inout CurrentTable<Row>) throws(RowFault) {
        var root = StateRoot()
        let taken = table.take(root: &root)
        try store(taken.fresh.bytes + taken.merged.bytes, as: Row.self, ordinal: nil)
    }

    mutating func transitions<Row: StoredRow>(_ table: inout TransitionTable<Row>) throws(RowFault) {
        try store(table.take().rows.bytes, as: Row.self, ordinal: 0)
    }

    private mutating func store<Row: StoredRow>(_ bytes: [UInt8], as type: Row.Type, ordinal: Int?) throws(RowFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = Self.end(of: rest)
            let tuple = Array(rest[..<end])
            rest = rest[end...]
            var (row, partition) = try Row.stored(unsafe tuple.span.bytes)
            precondition(partition == self.partition)
            var again = RowWriting()
            _ = again.append(&row, of: partition, columns: TableShape(of: Row.self).columns.count)
            let written = again.bytes.take()
            precondition(
                written == tuple,
                "a row of \(Row.table.name) is read as it was written, and not at \(Self.column(tuple, of: written, Row.self))"
            )
            var key = RowWriting()
            var rowKey = row.key
            key.append(&rowKey)
            let name = "\(Row.table.name) \(Row.table.kind == .transitions ? "\(partition) " : "")\(key.bytes.take())"
            rows[name] = tuple
        }
    }

    /// The first column in which two tuples differ.
    private static func column<Row: StoredRow>(_ first: [UInt8], of second: [UInt8], _ row: Row.Type) -> String {
        var index = 2
        for column in TableShape(of: row).allColumns {
            let length = first[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let end = index + 4 + (length == .max ? 0 : Int(length))
            guard second.count >= end, first[index..<end] == second[index..<end] else { return column.name }
            index = end
        }
        return "the end"
    }

    /// Where the first tuple ends.
    private static func end(of bytes: ArraySlice<UInt8>) -> Int {
        var index = bytes.startIndex + 2
        for _ in 0..<(Int(bytes[bytes.startIndex]) << 8 | Int(bytes[bytes.startIndex + 1])) {
            let length = bytes[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            index += 4 + (length == .max ? 0 : Int(length))
        }
        return index
    }
}
