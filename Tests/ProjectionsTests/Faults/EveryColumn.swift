import Core
import Domain
import Projections
import Synchronization

/// A table with a column of every type, and steps beside it, from an event with all that people may write.
enum EveryColumn: Projection {
    struct Row: StoredRow {
        struct Key: RowKey {
            var id = EventID(high: 0, low: 0)
            mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
                _ columns: inout Walker
            ) throws(Walker.Failure) {
                try columns.column("id", &id, "Which.")
            }
        }

        static let table = TableName("every_columns", .current, "One row for each id.")

        var id = EventID(high: 0, low: 0)
        var isSevere = false
        var count: Int32 = 0
        var offset: Int64 = 0
        var difference: Amount?
        var sum = Amount.zero
        var expected = ""
        var observed: Prose?
        var evidence: CompactJSON?
        var bytes: [UInt8] = []
        var at = Moment(microseconds: 0)

        var key: Key { Key(id: id) }

        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.column("id", &id, "Which.")
            try columns.column("is_severe", &isSevere, "A truth.")
            try columns.column("events", &count, "How many.")
            try columns.column("last_offset", &offset, "Where.")
            try columns.column("difference", &difference, "An amount or none.")
            try columns.column("amount", &sum, "An amount.")
            try columns.column("expected", &expected, "Prose.")
            try columns.text("observed", &observed, "Prose, or none.")
            try columns.column("evidence", &evidence, "JSON or none.")
            try columns.column("bytes", &bytes, "Bytes.")
            try columns.column("at", &at, "When.")
        }
    }

    struct Step: StoredRow {
        static let table = TableName("every_steps", .transitions, "One row for each event.")

        var offset: Int64 = 0
        var expected = ""

        var key: StepKey { StepKey(offset: offset) }

        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.column("log_offset", &offset, "Where.")
            try columns.column("expected", &expected, "Prose.")
        }
    }

    struct StepKey: RowKey {
        var offset: Int64 = 0
        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.column("log_offset", &offset, "Where.")
        }
    }

    struct Tables: TableSet {
        var rows: CurrentTable<Row>
        var steps: TransitionTable<Step>

        init(_ maker: TableMaker) {
            rows = maker.current(of: Row.self)
            steps = maker.transitions(of: Step.self)
        }

        mutating func visit<Visitor: TableVisitor & ~Copyable>(_ visitor: inout Visitor) throws(Visitor.Failure) {
            try visitor.current(&rows)
            try visitor.transitions(&steps)
        }
    }

    static let name = ProjectionName("every_column")
    static let fold = 1
    static let ownership = TopicCatalog.decisions
    static let inputs = [TopicCatalog.orderEvents]
    static let wants: Set<EventType> = [.orderEvents(.discrepancyFound)]
    /// What this fold refuses, as an older program would that cannot read it yet.
    static let refused = Mutex<String?>(nil)

    static func need(of event: Event, in tables: inout Tables) {
        guard case .orderEvents(.discrepancyFound(let found)) = event.content else { return }
        tables.rows.need(Row.Key(id: found.discrepancyID))
    }

    static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .orderEvents(.discrepancyFound(let found)) = event.content else { return }
        guard found.detectedBy.text != refused.withLock({ $0 }) else {
            throw Refusal(.missingIdentity, at: "$.payload.detected_by", "cannot read '\(found.expected.text)'")
        }
        tables.steps.append(Step(offset: place.offset, expected: found.expected.text))
        var row = Row()
        row.id = found.discrepancyID
        tables.rows.change(Row.Key(id: found.discrepancyID), making: row) { row in
            row.isSevere = found.severity == .critical
            row.count += 1
            row.offset = place.offset
            row.difference = found.difference
            row.sum = found.difference ?? .minimum
            row.expected = found.expected.text
            row.observed = found.observed
            row.evidence = found.evidence
            row.bytes = Array(found.observed.text.utf8.reversed())
            row.at = Moment(event.envelope.eventTime)
        }
    }
}
