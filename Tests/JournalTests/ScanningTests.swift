import Core
import Synchronization
import TestSupport
import Testing

@testable import Journal

@Suite struct `A scan of a journal` {
    private static let short = TopicPartition("short", 0)

    private static func journal(in path: String) async throws -> Journal {
        var settings = JournalSettings.quiet
        settings.segmentBytes = 8000
        let journal = try await Journal.open(path, settings)
        try await journal.create([one, TopicSpec(name: "short", partitions: 1, retentionMilliseconds: 10)])
        try await journal.append(Append([event("t", 0, 0)]))
        return journal
    }

    private static func fill(_ journal: Journal, segments: Int) async throws {
        let folder = JournalFolder(path: journal.path)
        let start = try folder.list(SystemFiles()).segments.count
        while try folder.list(SystemFiles()).segments.count < start + segments {
            var old = event("short", 0, 0, bytes: 700)
            old.timestamp = 1
            try await journal.append(Append([old]))
        }
    }

    private static func lastSegment(of path: String) throws -> String {
        let folder = JournalFolder(path: path)
        return folder.segment(try #require(try folder.list(SystemFiles()).segments.last))
    }

    /// Closes the last segment and lets retention rewrite it, just before it is opened.
    private static func overtake(_ journal: Journal, _ files: HookedFiles) throws {
        files.before(opening: try lastSegment(of: journal.path)) {
            do {
                try await fill(journal, segments: 1)
                let report = try await journal.applyRetention(now: 1_000_000)
                #expect(report.rewrittenSegments > 0)
            } catch { Issue.record(error) }
        }
    }

    @Test(arguments: [false, true])
    func `is not misled by a mark in a segment that retention rewrites meanwhile`(whileOpening: Bool) async throws {
        let folder = TemporaryFolder()
        let files = HookedFiles()
        let journal = try await Self.journal(in: folder.path)
        try await Self.fill(journal, segments: 1)
        for number in 0..<5 {
            var old = event("short", 0, number, bytes: 700)
            old.timestamp = 1
            try await journal.append(Append([old]))
        }
        try await journal.append(Append([event("t", 0, 1)]))
        if whileOpening { try Self.overtake(journal, files) }
        let reader = try await JournalReader.open(
            folder.path, from: [lane: .beginning], ReadOptions(maximumRecords: 1), on: files)
        #expect(try await reader.next(waiting: .zero).entries.map(\.offset) == [0])
        if !whileOpening { try Self.overtake(journal, files) }
        #expect(try await reader.all().map(\.position.offset) == [1])
        #expect(files.isDone)
        await journal.close()
    }

    /// Who begins in the middle of a segment is not kept waiting by all that lies before: a spoiled payload there shows it.
    @Test func `reads no payload of what its reader has had`() async throws {
        let folder = TemporaryFolder()
        let journal = try await Self.journal(in: folder.path)
        try await journal.append(Append([event("t", 0, 1)]))
        await journal.close()
        let segment = try Self.lastSegment(of: folder.path)
        var bytes = try SystemFiles().contents(of: segment, limit: 1 << 30) ?? []
        let window = try BatchWindow(SystemFiles(), path: segment)
        var byte = 0
        while case .success(let batch)? = try window.batch(at: byte, .payload) {
            byte = batch.end
            guard batch.header.records > 0 else { continue }
            bytes[batch.byte + batch.header.payloadStart + 1] ^= 1
            break
        }
        try JournalImage.put(bytes, segment)
        let behind = try await JournalReader.open(folder.path, from: [lane: .offset(1)], ReadOptions())
        #expect(try await behind.all().map(\.position.offset) == [1])
        let whole = try await JournalReader.open(folder.path, from: [lane: .beginning], ReadOptions())
        await #expect(throws: LogError.self) { _ = try await whole.all() }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `finds the same, whatever part of the files lies in memory`(seed: UInt64) async throws {
        let folder = TemporaryFolder()
        let journal = try await Self.journal(in: folder.path)
        for number in 0..<60 {
            let records = (0..<20).map { event("t", 0, number * 20 + $0, bytes: 300) }
            try await journal.append(Append(records))
        }
        let generator = Mutex(SplitMix64(seed: seed))
        let files = HookedFiles { count in
            generator.withLock { Bool.random(using: &$0) ? nil : Int.random(in: 0...count, using: &$0) }
        }
        let options = ReadOptions(maximumRecords: Int(seed) * 15)
        let reader = try await JournalReader.open(folder.path, from: [lane: .beginning], options, on: files)
        let records = try await reader.all()
        #expect(records.map(\.position.offset) == Array(0..<1201), "seed \(seed)")
        let twin = try await journal.reader(from: [lane: .beginning]).all()
        #expect(records == twin, "seed \(seed)")
        await journal.close()
    }
}
