import Core
import TestSupport
import Testing

@testable import Journal

private let source = TopicPartition("t", 0)
private let other = TopicPartition("t", 1)

private func record(_ source: TopicPartition, _ offset: Int64) -> Record {
    let sent = event(source.topic, source.partition, Int(offset))
    return Record(
        position: RecordPosition(source, offset), timestamp: 5_000 + offset, key: sent.key, value: sent.value,
        headers: sent.headers)
}

private func journal(_ folder: TemporaryFolder, segmentBytes: Int = 64 << 20) async throws -> Journal {
    var settings = JournalSettings.quiet
    settings.segmentBytes = segmentBytes
    let journal = try await Journal.open(folder.path, settings)
    if journal.describe().isEmpty {
        try await journal.create([TopicSpec(name: "t", partitions: 2, retentionMilliseconds: nil)])
    }
    return journal
}

private func refusal(_ body: () async throws(LogError) -> Void) async -> LogError? {
    do {
        try await body()
        return nil
    } catch { return error }
}

@Suite struct `Restoring a journal` {
    @Test func `gives every record the offset it had, holes included, also after reopening`() async throws {
        let seed: UInt64 = 20_261_120
        var random = SplitMix64(seed: seed)
        let folder = TemporaryFolder()
        var journal = try await journal(folder, segmentBytes: 4096)
        var kept: [TopicPartition: [Record]] = [source: [], other: []]
        var ends: [TopicPartition: Int64] = [source: 1_000, other: 0]
        try await journal.begin(source, at: 1_000)
        for _ in 0..<40 {
            var records: [Record] = []
            var next: [TopicPartition: Int64] = [:]
            for _ in 0..<Int.random(in: 0..<30, using: &random) {
                let lane = Bool.random(using: &random) ? source : other
                let offset = ends[lane, default: 0] + (Int.random(in: 0..<4, using: &random) == 0 ? 3 : 0)
                records.append(record(lane, offset))
                ends[lane] = offset + 1
            }
            if Bool.random(using: &random) {
                ends[other, default: 0] += Int64.random(in: 0..<5, using: &random)
                next[other] = ends[other]
            }
            for record in records { kept[record.position.source, default: []].append(record) }
            try await journal.restore(records, next: next)
        }
        for reopened in [false, true] {
            if reopened {
                await journal.close()
                #expect(try JournalCheck.verify(folder.path).damage.isEmpty, "seed \(seed)")
                journal = try await Journal.open(folder.path, .quiet)
            }
            let bounds = try journal.bounds(of: [source, other])
            #expect(bounds[source] == Bounds(begin: 1_000, end: ends[source] ?? 0), "seed \(seed)")
            #expect(bounds[other] == Bounds(begin: 0, end: ends[other] ?? 0), "seed \(seed)")
            for options in [ReadOptions(), ReadOptions(maximumRecords: 3, maximumBytes: 200)] {
                let reader = try await journal.reader(from: [source: .beginning, other: .beginning], options)
                let records = try await reader.all()
                for lane in [source, other] {
                    #expect(records.filter { $0.position.source == lane } == kept[lane], "seed \(seed)")
                }
            }
        }
        let places = try await journal.append(Append([event("t", 0, 1), event("t", 1, 2)]))
        #expect(places.map(\.offset) == [ends[source], ends[other]], "seed \(seed)")
        await journal.close()
    }

    @Test func `moves a reader over a hole that no record follows`() async throws {
        let folder = TemporaryFolder()
        let journal = try await journal(folder)
        let inside = try await journal.reader(from: [source: .end])
        let outside = try await JournalReader.open(folder.path, from: [source: .beginning])
        try await journal.restore([record(source, 2), record(source, 7)], next: [source: 20])
        for reader in [inside, outside] {
            let batch = try await reader.next(waiting: .seconds(10))
            #expect(batch.entries.map(\.offset) == [2, 7])
            #expect(batch.next == [source: 20])
        }
        try await journal.restore([], next: [source: 30])
        for reader in [inside, outside] {
            let batch = try await reader.next(waiting: .seconds(10))
            #expect(batch.isEmpty && batch.next == [source: 30])
        }
        let late = try await journal.reader(from: [source: .offset(4)])
        #expect(try await late.all().map(\.position.offset) == [7])
        #expect(try await journal.record(at: RecordPosition(source, 5)) == nil)
        #expect(try await journal.record(at: RecordPosition(source, 7)) == record(source, 7))
        await journal.close()
    }

    @Test func `refuses what is below the end of a partition, and then changes nothing`() async throws {
        let folder = TemporaryFolder()
        let journal = try await journal(folder)
        try await journal.restore([record(source, 5)], next: [:])
        let stats = journal.stats()
        let attempts: [([Record], [TopicPartition: Int64])] = [
            ([record(other, 0), record(source, 5)], [:]),
            ([record(source, 8), record(source, 8)], [:]),
            ([record(source, 9), record(source, 8)], [:]),
            ([record(source, 9)], [source: 9]),
            ([], [source: 5]),
            ([record(other, 1)], [source: 5]),
            ([Record(position: RecordPosition(other, -1), timestamp: 0, key: nil, value: nil, headers: [])], [:]),
            ([], [other: Int64.max]),
            ([Record(position: RecordPosition(other, .max - 1), timestamp: 0, key: nil, value: nil, headers: [])], [:]),
        ]
        for (index, attempt) in attempts.enumerated() {
            let error = await refusal { () throws(LogError) in try await journal.restore(attempt.0, next: attempt.1) }
            guard case .refused = error?.reason, error?.operation == .restore else {
                Issue.record("attempt \(index) was not refused: \(String(describing: error))")
                continue
            }
        }
        let unknown = TopicPartition("no", 0)
        #expect(
            await refusal { () throws(LogError) in try await journal.restore([record(unknown, 0)], next: [:]) }
                == LogError(.restore, .unknownTopic("no")))
        let missing = TopicPartition("t", 2)
        #expect(
            await refusal { () throws(LogError) in try await journal.restore([], next: [missing: 3]) }
                == LogError(.restore, .unknownPartition(missing)))
        #expect(journal.stats() == stats)
        await journal.close()
    }

    @Test func `lets only an empty partition begin elsewhere`() async throws {
        let folder = TemporaryFolder()
        let journal = try await journal(folder)
        try await journal.begin(source, at: 77)
        try await journal.begin(source, at: 77)
        #expect(try journal.bounds(of: [source])[source] == Bounds(begin: 77, end: 77))
        for offset in [Int64(78), 0, -1, .max] {
            let error = await refusal { () throws(LogError) in try await journal.begin(source, at: offset) }
            guard case .refused = error?.reason else {
                Issue.record("\(offset) was not refused")
                continue
            }
        }
        try await journal.append(Append([event("t", 1, 0)]))
        let error = await refusal { () throws(LogError) in try await journal.begin(other, at: 5) }
        #expect(error?.disposition == .reject && error?.operation == .restore)
        await journal.close()
    }

    @Test func `counts records against the limits of an append`() async throws {
        let folder = TemporaryFolder()
        let journal = try await journal(folder)
        let large = [UInt8](repeating: 7, count: LogLimits.maximumRecordBytes)
        let records = (0..<17).map {
            Record(position: RecordPosition(source, $0), timestamp: 0, key: nil, value: large, headers: [])
        }
        let error = await refusal { () throws(LogError) in try await journal.restore(records, next: [:]) }
        let actual = 17 * LogLimits.maximumRecordBytes
        let allowed = LogLimits.maximumAppendBytes
        #expect(
            error == LogError(.restore, .limitExceeded(name: "maximumAppendBytes", allowed: allowed, actual: actual)))
        try await journal.restore(Array(records.prefix(16)), next: [:])
        #expect(try journal.bounds(of: [source])[source]?.end == 16)
        await journal.close()
    }

    @Test func `lets retention take restored records with their holes`() async throws {
        let folder = TemporaryFolder()
        let journal = try await journal(folder, segmentBytes: 2048)
        for block in 0..<30 {
            let records = (0..<10).flatMap { number -> [Record] in
                let offset = Int64(block * 30 + number * 3)
                return [record(source, offset), record(other, offset + 1)]
            }
            try await journal.restore(records, next: [source: Int64(block * 30 + 30)])
        }
        try await journal.adjust(TopicSpec(name: "t", partitions: 2, retentionMilliseconds: 1_000))
        let retention = try await journal.applyRetention(now: 6_400)
        #expect(retention.deletedSegments > 0)
        let begin = try #require(try journal.bounds(of: [source])[source]?.begin)
        let stale = await refusal { () throws(LogError) in
            _ = try await journal.reader(from: [source: .offset(0)]).next(waiting: .zero)
        }
        #expect(stale?.disposition == .halt)
        let expected = stride(from: 0, to: Int64(900), by: 3).filter { $0 >= begin }
        for view in [
            try await journal.reader(from: [source: .beginning]),
            try await JournalReader.open(folder.path, from: [source: .beginning]),
        ] { #expect(try await view.all().map(\.position.offset) == expected) }
        await journal.close()
        #expect(try JournalCheck.verify(folder.path).damage.isEmpty)
        let reopened = try await Journal.open(folder.path, .quiet)
        #expect(try reopened.bounds(of: [source])[source] == Bounds(begin: begin, end: 900))
        await reopened.close()
    }

    @Test func `opens again after retention has taken records and the hole behind them`() async throws {
        let folder = TemporaryFolder()
        let journal = try await journal(folder, segmentBytes: 2048)
        // The last record of the first segments is followed by a hole, as behind a transaction's marker.
        for first in stride(from: Int64(0), to: 300, by: 10) {
            try await journal.restore((0..<8).map { record(source, first + $0) }, next: [source: first + 10])
        }
        try await journal.restore((0..<20).map { record(other, $0) }, next: [:])
        try await journal.adjust(TopicSpec(name: "t", partitions: 2, retentionMilliseconds: 1))
        let retention = try await journal.applyRetention(now: 1_000_000)
        #expect(retention.deletedSegments > 0)
        #expect(try journal.bounds(of: [source])[source] == Bounds(begin: 300, end: 300))
        await journal.close()
        #expect(try JournalCheck.verify(folder.path).damage.isEmpty)
        let again = try await Journal.open(folder.path, .quiet)
        #expect(try await again.append(Append([event("t", 0, 1)])).first?.offset == 300)
        await again.close()
    }

    @Test func `survives repair: what was spoiled is a hole, and the rest stays where it was`() async throws {
        let folder = TemporaryFolder()
        var journal = try await journal(folder)
        for first in [Int64(10), 100, 200] {
            try await journal.restore([record(source, first), record(source, first + 5)], next: [source: first + 20])
        }
        await journal.close()
        // The payload of the batch in the middle.
        let path = JournalFolder(path: folder.path).segment(1)
        let window = try BatchWindow(SystemFiles(), path: path)
        var byte = 0
        var spoiled = 0
        while let batch = try window.batch(at: byte, .payload)?.get() {
            if batch.slices.first?.base == 100 { spoiled = byte + batch.header.payloadStart + 1 }
            byte = batch.end
        }
        let file = try SystemFiles().open(path, .write)
        try SystemFiles().write(file, at: spoiled, Block([0xA5]), 0..<1)
        SystemFiles().close(file)
        #expect(try JournalCheck.verify(folder.path).damage.count == 1)
        #expect(try JournalCheck.repair(folder.path).count == 1)
        #expect(try JournalCheck.verify(folder.path).damage.isEmpty)
        journal = try await Journal.open(folder.path, .quiet)
        #expect(try journal.bounds(of: [source])[source] == Bounds(begin: 0, end: 220))
        let reader = try await journal.reader(from: [source: .beginning])
        #expect(try await reader.all().map(\.position.offset) == [10, 15, 200, 205])
        try await journal.restore([record(source, 230)], next: [:])
        #expect(try await reader.all().map(\.position.offset) == [230])
        await journal.close()
    }
}
