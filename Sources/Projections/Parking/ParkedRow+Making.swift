internal import Core
internal import Domain

extension ParkedRow {
    /// A record that could not be folded.
    init(_ record: Record, _ refusal: Refusal, _ type: EventType?) {
        self.init(waiting: record)
        self = failed(refusal, type)
    }

    /// A record that waits behind one of its key.
    init(waiting record: Record) {
        place = Key(record.position)
        state = State.deferred.rawValue
        recordKey = record.key
        // A record's time comes from whoever wrote it; one beyond what a time can be is shown as the latest.
        recordTime = Moment(Timestamp(milliseconds: record.timestamp) ?? .latest)
        value = record.value
    }

    func failed(_ refusal: Refusal, _ type: EventType?) -> ParkedRow {
        var row = self
        row.state = State.parked.rawValue
        row.reason = refusal.reason.rawValue
        row.path = Self.storable(refusal.path)
        row.detail = Self.storable(refusal.description)
        row.eventType = type?.name
        return row
    }

    func settled(_ state: State, by offset: Int64) -> ParkedRow {
        var row = self
        row.state = state.rawValue
        row.value = nil
        row.settledBy = offset
        return row
    }

    /// A `text` takes no zero byte; what quotes a hostile record may hold one.
    private static func storable(_ text: String) -> String {
        String(text.unicodeScalars.prefix(500).map { $0 == "\0" ? "\u{FFFD}" : Character($0) })
    }
}

extension StoredRow {
    /// The hash of this row as a table of this partition stores it.
    func storedHash(in partition: Int32) -> UInt128 {
        var (row, writing) = (self, RowWriting())
        let start = writing.append(&row, of: partition, columns: TableShape(of: Self.self).columns.count)
        return writing.hash(from: start, seed: Self.table.seed)
    }
}
