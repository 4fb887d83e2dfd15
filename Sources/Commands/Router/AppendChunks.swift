internal import Core

/// Records in as few appends as the log's limits allow, in their order: nearly always one.
struct AppendChunks: Sequence, IteratorProtocol {
    private let records: [NewRecord]
    private var place = 0

    init(_ records: [NewRecord]) { self.records = records }

    mutating func next() -> ArraySlice<NewRecord>? {
        guard place < records.count else { return nil }
        let start = place
        var bytes = 0
        while place < records.count, place - start < LogLimits.maximumAppendRecords {
            bytes += LogLimits.size(of: records[place])
            if bytes > LogLimits.maximumAppendBytes, place > start { break }
            place += 1
        }
        return records[start..<place]
    }
}
