public import Core

extension RecordBatch {
    /// A batch made of records that were kept, for tests and twins.
    public init(copying records: [Record], headers: Bool, next: [TopicPartition: Int64]) {
        var block: [UInt8] = []
        var sources: [TopicPartition] = []
        var entries: [Entry] = []
        func store(_ bytes: [UInt8]?) -> Field {
            guard let bytes else { return .null }
            defer { block += bytes }
            return Field(start: block.count, length: bytes.count)
        }
        for record in records {
            let source = record.position.source
            if sources.last != source, !sources.contains(source) { sources.append(source) }
            var encoded: [UInt8] = []
            if headers { Header.encode(record.headers, into: &encoded) }
            entries.append(
                Entry(
                    offset: record.position.offset, timestamp: record.timestamp, key: store(record.key),
                    value: store(record.value), headers: store(encoded),
                    source: sources.firstIndex(of: source) ?? 0))
        }
        self.init(sources: sources, entries: entries, next: next, block: block)
    }

    static func positionsAfter(_ records: [Record]) -> [TopicPartition: Int64] {
        Dictionary(records.map { ($0.position.source, $0.position.offset + 1) }) { max($0, $1) }
    }
}
