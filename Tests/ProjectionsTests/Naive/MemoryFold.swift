import Core
import Domain

@testable import Projections

/// Projections folded in memory, by the engine's own units, in whatever order records are given.
struct MemoryFold {
    private let table: UnitTable
    private let decoder: RecordDecoder
    /// Rows as psql would show them, by table and key.
    private var rows: [String: [[UInt8]: [String: String?]]] = [:]

    init(_ projections: [any Projection.Type]) {
        let decoder = RecordDecoder.wanting(projections)
        self.decoder = decoder
        table = UnitTable(
            projections.flatMap { type in
                (0..<type.partitions).map { partition in
                    type.unit(of: partition, version: 1, decoder, ProjectionLimits(), isWhole: true)
                }
            })
        decoder.bind(to: table.sources)
    }

    /// What each unit's rows add up to.
    var roots: [String: String] {
        Dictionary(uniqueKeysWithValues: table.units.map { ($0.name.description, $0.checkpoint.root.description) })
    }

    var tables: [String: [[String: String?]]] { rows.mapValues { Array($0.values) } }

    /// Folds one batch; `reading` is false when only the roots are of interest.
    mutating func fold(_ records: some Collection<Record>, reading: Bool = true) throws {
        var chunk = Chunk()
        try decoder.append(Self.batch(of: records), to: &chunk, for: table)
        try table.fold(chunk) { _ in }
        for unit in table.units {
            guard let write = unit.take(chunk), reading else { continue }
            for table in write.tables { take(table, of: write.unit) }
        }
    }

    private static func batch(of records: some Collection<Record>) -> RecordBatch {
        var (sources, entries, block) = ([TopicPartition](), [RecordBatch.Entry](), [UInt8]())
        var next: [TopicPartition: Int64] = [:]
        func put(_ bytes: [UInt8]?) -> RecordBatch.Field {
            guard let bytes else { return .null }
            block += bytes
            return RecordBatch.Field(start: block.count - bytes.count, length: bytes.count)
        }
        for record in records {
            let source = record.position.source
            if next[source] == nil { sources.append(source) }
            next[source] = record.position.offset + 1
            entries.append(
                RecordBatch.Entry(
                    offset: record.position.offset, timestamp: record.timestamp, key: put(record.key),
                    value: put(record.value), headers: .null, source: sources.firstIndex(of: source) ?? 0))
        }
        return RecordBatch(sources: sources, entries: entries, next: next, block: block)
    }

    private mutating func take(_ table: UnitWrite.Table, of unit: UnitName) {
        let isParked = table.shape.name == ParkedRow.table
        let name = isParked ? "\(unit.projection)_parked" : table.shape.name.name
        let columns = table.shape.allColumns
        var bytes = (table.added.bytes + table.merged.bytes)[...]
        while !bytes.isEmpty {
            var row: [String: String?] = [:]
            _ = Self.number(&bytes, 2)
            for column in columns {
                let length = Int32(truncatingIfNeeded: Self.number(&bytes, 4))
                let field = length < 0 ? nil : Array(bytes.prefix(Int(length)))
                bytes = bytes.dropFirst(max(0, Int(length)))
                row.updateValue(field.map { Self.text($0, column.type) }, forKey: column.name)
            }
            // One that is only written to be removed.
            let isRemoved = isParked && row["state"] == "folded"
            let names = ["log_partition"] + table.shape.key.map(\.name)
            let key = Array(names.map { (row[$0] ?? nil) ?? "" }.joined(separator: "\0").utf8)
            rows[name, default: [:]][key] = isRemoved ? nil : row
        }
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>, _ count: Int) -> Int64 {
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count).reduce(0) { $0 << 8 | Int64($1) }
    }

    /// A binary field as the text that Postgres shows of it.
    private static func text(_ field: [UInt8], _ type: ColumnType) -> String {
        var bytes = field[...]
        switch type {
        case .boolean: return field == [1] ? "t" : "f"
        case .integer: return "\(Int32(truncatingIfNeeded: number(&bytes, 4)))"
        case .bigint: return "\(number(&bytes, 8))"
        case .text, .json: return String(decoding: field, as: UTF8.self)
        case .bytea: return "\\x" + field.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        case .uuid:
            let (high, low) = (number(&bytes, 8), number(&bytes, 8))
            return "\(EventID(high: UInt64(bitPattern: high), low: UInt64(bitPattern: low)))"
        case .numeric:
            do { return "\(try unsafe Amount.readField(field.span.bytes))" } catch { preconditionFailure("\(error)") }
        case .timestamptz: return time(number(&bytes, 8))
        }
    }

    /// Microseconds since 2000 as Postgres shows them in UTC.
    private static func time(_ microseconds: Int64) -> String {
        let time = microseconds + 946_684_800_000_000
        let seconds = (time - ((time % 1_000_000) + 1_000_000) % 1_000_000) / 1_000_000
        let whole = "\(Timestamp(nanoseconds: seconds * 1_000_000_000))".dropLast().split(separator: "T")
        var fraction = "\(1_000_000 + (time - seconds * 1_000_000))".dropFirst()
        while fraction.last == "0" { fraction = fraction.dropLast() }
        return "\(whole[0]) \(whole[1])\(fraction.isEmpty ? "" : ".")\(fraction)+00"
    }
}
