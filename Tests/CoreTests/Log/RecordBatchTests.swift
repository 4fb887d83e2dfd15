import Core
import TestSupport
import Testing

@Suite struct `A batch of records` {
    @Test func `lends and copies exactly what was put into its block`() {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let records = (0..<Int.random(in: 0...20, using: &generator)).map { offset in
                Record(
                    position: RecordPosition(TopicPartition("t", Int32(offset % 3)), Int64(offset)),
                    timestamp: Int64.random(in: .min ... .max, using: &generator),
                    key: anyField(&generator), value: anyField(&generator), headers: anyHeaders(&generator))
            }
            let batch = batch(of: records)
            #expect(batch.count == records.count && batch.isEmpty == records.isEmpty, "seed \(seed)")
            for (index, record) in records.enumerated() {
                let entry = batch.entries[index]
                #expect(batch.record(at: index) == record, "seed \(seed)")
                #expect(batch.source(of: entry) == record.position.source, "seed \(seed)")
                #expect(lent(entry.key, by: batch) == record.key, "seed \(seed)")
                #expect(lent(entry.value, by: batch) == record.value, "seed \(seed)")
                #expect(batch.copy(of: entry.value) == record.value, "seed \(seed)")
                #expect(batch.headers(of: entry) == record.headers, "seed \(seed)")
            }
        }
    }

    @Test func `null and empty are not the same`() {
        let batch = RecordBatch(sources: [], entries: [], next: [:], block: [7])
        #expect(lent(.null, by: batch) == nil)
        #expect(lent(RecordBatch.Field(start: 1, length: 0), by: batch) == [])
        #expect(batch.copy(of: .null) == nil)
        #expect(batch.copy(of: RecordBatch.Field(start: 0, length: 0)) == [])
    }

    @Test func `a field outside the block is our bug`() async {
        await #expect(processExitsWith: .failure) {
            let batch = RecordBatch(sources: [], entries: [], next: [:], block: [1, 2, 3])
            _ = batch.bytes(of: RecordBatch.Field(start: 1, length: 3))
        }
    }

    @Test func `an empty batch may still move the reader past holes`() {
        let source = TopicPartition("t", 0)
        let batch = RecordBatch(sources: [source], entries: [], next: [source: 9], block: [])
        #expect(batch.isEmpty && batch.next[source] == 9)
    }

    private func lent(_ field: RecordBatch.Field, by batch: RecordBatch) -> [UInt8]? {
        guard let span = batch.bytes(of: field) else { return nil }
        return unsafe span.withUnsafeBytes { unsafe Array($0) }
    }

    private func anyField(_ generator: inout SplitMix64) -> [UInt8]? {
        let length = Int.random(in: -1...40, using: &generator)
        return length < 0 ? nil : anyBytes(length, &generator)
    }

    private func batch(of records: [Record]) -> RecordBatch {
        var block: [UInt8] = []
        let sources = (0..<3).map { TopicPartition("t", $0) }
        func field(_ bytes: [UInt8]?) -> RecordBatch.Field {
            guard let bytes else { return .null }
            defer { block += bytes }
            return RecordBatch.Field(start: block.count, length: bytes.count)
        }
        let entries = records.map { record in
            let (key, value) = (field(record.key), field(record.value))
            let start = block.count
            Header.encode(record.headers, into: &block)
            let headers = RecordBatch.Field(start: start, length: block.count - start)
            return RecordBatch.Entry(
                offset: record.position.offset, timestamp: record.timestamp, key: key, value: value, headers: headers,
                source: Int(record.position.source.partition))
        }
        return RecordBatch(sources: sources, entries: entries, next: [:], block: block)
    }
}
