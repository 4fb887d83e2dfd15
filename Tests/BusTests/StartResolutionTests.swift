import Bus
import Core
import Digest
import TestSupport
import Testing

/// What a log may do between two starts of a reader, played on the twin.
@Suite struct `Going on after a stored position` {
    private let source = TopicPartition("events", 0)

    private func log(cleanup: TopicSpec.Cleanup = .delete, records: Int = 10) async throws -> MemoryLog {
        let log = MemoryLog()
        try await log.create([
            TopicSpec(name: "events", partitions: 1, retentionMilliseconds: nil, cleanup: cleanup)
        ])
        try await fill(log, upTo: records)
        return log
    }

    private func fill(_ log: MemoryLog, from first: Int = 0, upTo end: Int, with word: String = "") async throws {
        let writer = try await log.writer(named: "writer")
        for number in first..<end {
            try await writer.append(
                Append([NewRecord(topic: "events", partition: 0, value: bytes("\(word)\(number)"))]))
        }
    }

    /// The position of a consumer whose last record was this one.
    private func stored(after offset: Int64, in log: MemoryLog) async throws -> ConsumerPosition {
        let reader = try await log.reader(from: [source: .offset(offset)], ReadOptions())
        let batch = try await reader.next(waiting: .zero)
        return ConsumerPosition(
            consumer: "fold", source: source, next: offset + 1,
            anchor: RecordHash.anchor(at: batch.entries[0], in: batch))
    }

    private func resume(_ position: ConsumerPosition, in log: MemoryLog) async throws -> Int {
        let reader = try await log.reader(from: [source: .after(position)], ReadOptions())
        return try await reader.next(waiting: .zero).count
    }

    @Test func `a truncated log is refused while it is shorter, and by the anchor once it has grown again`()
        async throws
    {
        let log = try await log()
        let position = try await stored(after: 7, in: log)
        log.truncate(source, to: 5)
        #expect(
            try await refusal { _ = try await resume(position, in: log) }
                == .positionOutOfRange(source, asked: 8, Bounds(begin: 0, end: 5)))
        try await fill(log, from: 5, upTo: 9, with: "other ")
        #expect(try await refusal { _ = try await resume(position, in: log) } == .anchorMismatch(source, offset: 7))
    }

    @Test func `retention may take the anchor, and not the position`() async throws {
        let log = try await log()
        let position = try await stored(after: 3, in: log)
        log.forget(source, before: 4)
        #expect(try await resume(position, in: log) == 6)
        log.forget(source, before: 5)
        #expect(
            try await refusal { _ = try await resume(position, in: log) }
                == .positionOutOfRange(source, asked: 4, Bounds(begin: 5, end: 10)))
    }

    @Test(arguments: [(TopicSpec.Cleanup.delete, false), (.compact, true), (.compactAndDelete, true)])
    func `only compaction may take the anchor out of the middle`(cleanup: TopicSpec.Cleanup, allowed: Bool) async throws
    {
        let log = try await log(cleanup: cleanup)
        let position = try await stored(after: 3, in: log)
        log.compact(source, removing: [3])
        if allowed {
            #expect(try await resume(position, in: log) == 6)
        } else {
            #expect(try await refusal { _ = try await resume(position, in: log) } == .anchorMismatch(source, offset: 3))
        }
    }

    @Test func `a null field and an empty one have different hashes, and so have key and value swapped`() {
        func hash(_ key: [UInt8]?, _ value: [UInt8]?, at timestamp: Int64 = 1) -> UInt64 {
            RecordHash.of(
                Record(
                    position: RecordPosition(source, 0), timestamp: timestamp, key: key, value: value, headers: []))
        }
        let hashes = [
            hash(nil, nil), hash([], nil), hash(nil, []), hash([], []), hash([1], []), hash([], [1]), hash([1], [2]),
            hash([2], [1]), hash([1, 2], []), hash([1], [2], at: 2),
        ]
        #expect(Set(hashes).count == hashes.count)
    }

    @Test func `a record read in a batch hashes as the same record kept`() async throws {
        let log = try await log()
        let reader = try await log.reader(from: [source: .beginning], ReadOptions())
        let batch = try await reader.next(waiting: .zero)
        for index in batch.entries.indices {
            #expect(RecordHash.of(batch.entries[index], in: batch) == RecordHash.of(batch.record(at: index)))
        }
    }
}
