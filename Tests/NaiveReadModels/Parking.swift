internal import Core
internal import Domain

/// What an operator said of one record, in control.
struct QuarantineWord {
    enum Kind { case release, skip, patch([UInt8]) }

    let kind: Kind
    let target: RecordPosition
    let offset: Int64

    init?(_ told: Told, about projection: String) {
        guard case .control(let control) = told.event.content else { return nil }
        let record: ParkedKey
        switch control {
        case .quarantineReleased(let word): (kind, record) = (.release, word.record)
        case .quarantineSkipped(let word): (kind, record) = (.skip, word.record)
        case .quarantinePatched(let word): (kind, record) = (.patch(word.patchedValue.bytes), word.record)
        default: return nil
        }
        guard record.projection.text == projection, let partition = Int32(exactly: record.sourcePartition) else {
            return nil
        }
        target = RecordPosition(TopicPartition(record.sourceTopic.text, partition), record.sourceOffset)
        offset = told.position.offset
    }
}

/// Tells which records of one partition are folded, and which wait or waited.
///
/// Each key is a line of its own: its records are looked at one after the other with all words known from the start.
/// A word counts when its record stands at the head of the line, and then only behind the word that freed the line
/// last: at that time an earlier one was about a record that waited, or was not read yet.
struct Parking: ~Copyable {
    private let model: ReadModel
    private var judge: any Judge
    private var words: [RecordPosition: [QuarantineWord]] = [:]
    private var decoder = NaiveDecoder()
    private var heads: Set<[UInt8]> = []
    private var freedAt: [[UInt8]: Int64] = [:]
    private(set) var told: [Told] = []
    private(set) var rows: [NaiveRow] = []
}

extension Parking {
    init(_ model: ReadModel, partition: Int32, records: [ReadRecord]) {
        self.model = model
        judge = model.judge(partition)
        for record in records {
            guard case .event(let event) = record.reading else { continue }
            let told = Told(position: record.record.position, event: event)
            if let word = QuarantineWord(told, about: model.name) { words[word.target, default: []].append(word) }
        }
        for record in records { take(record) }
    }

    private mutating func take(_ read: ReadRecord) {
        let record = read.record
        // Control is read by all for its words; what is no event there is parked by those who fold control.
        guard isConcerned(by: read.reading), model.inputs.contains(where: { $0.name == record.position.source.topic })
        else { return }
        let line = Self.line(of: record)
        if heads.contains(line) { return rows.append(row(of: record, "deferred")) }
        if fold(read.reading, at: record.position) { return }
        for word in words[record.position] ?? [] where word.offset > freedAt[line] ?? -1 {
            guard settles(word, record) else { continue }
            freedAt[line] = word.offset
            if case .skip = word.kind { rows.append(row(of: record, "skipped", by: word)) }
            if case .patch = word.kind { rows.append(row(of: record, "patched", by: word)) }
            return
        }
        heads.insert(line)
        rows.append(row(of: record, "parked"))
    }

    private func isConcerned(by reading: ReadRecord.Reading) -> Bool {
        switch reading {
        case .event(let event): model.wants.contains(event.content.type)
        case .unknownType: false
        case .unreadable(let type): type.map(model.wants.contains) ?? true
        }
    }

    private mutating func fold(_ reading: ReadRecord.Reading, at position: RecordPosition) -> Bool {
        // What is of no concern counts as folded: that happens with patches only.
        guard isConcerned(by: reading) else { return true }
        guard case .event(let event) = reading else { return false }
        guard model.isAtHome(event, at: position) else { return false }
        let story = Told(position: position, event: event)
        guard !judge.refuses(story) else { return false }
        told.append(story)
        return true
    }

    private mutating func settles(_ word: QuarantineWord, _ record: Record) -> Bool {
        switch word.kind {
        case .skip: true
        case .release: fold(decoder.read(record.value), at: record.position)
        case .patch(let value): fold(decoder.read(value), at: record.position)
        }
    }

    /// The line a record stands in: its key's, or one of its own.
    private static func line(of record: Record) -> [UInt8] {
        guard let bytes = record.key else { return key("place", "\(record.position)") }
        return key("key", "\(record.position.source)") + [0] + bytes
    }

    private func row(of record: Record, _ state: String, by word: QuarantineWord? = nil) -> NaiveRow {
        var row = NaiveRow()
        row.set("source_topic", text: record.position.source.topic)
        row.set("source_partition", record.position.source.partition)
        row.set("source_offset", record.position.offset)
        row.set("state", text: state)
        row.set("record_key", bytes: record.key)
        row.set("record_ts", Timestamp(milliseconds: record.timestamp) ?? .latest)
        row.set("record_value", bytes: word == nil ? record.value : nil)
        row.set("settled_by", word?.offset)
        return row
    }
}
