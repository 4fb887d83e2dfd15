import Core
import Glibc
import TestSupport
import Testing

@testable import Journal

@Suite struct `Readers of a journal` {
    @Test func `in another process stop at the durable mark`() async throws {
        let folder = TemporaryFolder()
        let journal = try await Journal.open(folder.path, .quiet)
        try await journal.create([one])
        try await journal.append(Append([event("t", 0, 0)]))
        let mark = try #require(try SystemFiles().contents(of: folder.path + "/durable", limit: 100))
        try await journal.append(Append([event("t", 0, 1)]))
        // As if the second append had not been synced yet.
        try JournalImage.put(mark, folder.path + "/durable")
        let reader = try await JournalReader.open(folder.path, from: [lane: .beginning])
        #expect(try await reader.all().count == 1)
        #expect(try await reader.next(waiting: .milliseconds(30)).isEmpty)
        #expect(try await JournalView.take(folder.path).bounds(of: [lane])[lane] == Bounds(begin: 0, end: 1))
        try await journal.append(Append([event("t", 0, 2)]))
        #expect(try await reader.all(2).map(\.position.offset) == [1, 2])
        await journal.close()
    }

    @Test func `follow over many segments while it is written, here and elsewhere`() async throws {
        let folder = TemporaryFolder()
        var settings = JournalSettings.quiet
        settings.segmentBytes = 4000
        let journal = try await Journal.open(folder.path, settings)
        try await journal.create([one])
        let readers = [
            try await journal.reader(from: [lane: .beginning]),
            try await JournalReader.open(folder.path, from: [lane: .beginning]),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in readers {
                group.addTask {
                    let offsets = try await reader.all(300).map(\.position.offset)
                    #expect(offsets == Array(0..<300))
                }
            }
            for number in 0..<300 { try await journal.append(Append([event("t", 0, number, bytes: 200)])) }
            try await group.waitForAll()
        }
        // Starting anywhere finds its segment.
        for start in stride(from: Int64(0), through: 300, by: 23) {
            let reader = try await JournalReader.open(folder.path, from: [lane: .offset(start)])
            #expect(try await reader.all().map(\.position.offset) == Array(start..<300))
        }
        for start in [Int64(-1), 301] {
            let bounds = Bounds(begin: 0, end: 300)
            await #expect(throws: LogError(.read, .positionOutOfRange(lane, asked: start, bounds))) {
                _ = try await JournalReader.open(folder.path, from: [lane: .offset(start)])
            }
        }
        await journal.close()
    }

    @Test func `wait no longer than they are told, and are woken by an append`() async throws {
        let folder = TemporaryFolder()
        let journal = try await Journal.open(folder.path, .quiet)
        try await journal.create([one])
        let reader = try await journal.reader(from: [lane: .end])
        let clock = ContinuousClock()
        let began = clock.now
        #expect(try await reader.next(waiting: .milliseconds(50)).isEmpty)
        let waited = began.duration(to: clock.now)
        #expect(waited >= .milliseconds(50) && waited < .seconds(5))
        async let batch = reader.next(waiting: .seconds(30))
        try await journal.append(Append([event("t", 0, 0)]))
        #expect(try await batch.count == 1)
        await journal.close()
        await #expect(throws: LogError(.read, .closed)) { try await reader.next(waiting: .seconds(30)) }
    }

    @Test func `never trap on a file whose checksums are right and whose contents are not`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let path = folder.path + "/j"
        _ = try await smallJournal(path, batches: 2)
        let image = try JournalImage(of: path)
        var random = SplitMix64(seed: 7)
        let name = try #require(image.files.keys.filter { $0.hasSuffix(".seg") }.min())
        for round in 0..<400 {
            let bytes = image.files[name] ?? []
            let block = Block(bytes)
            // A batch whose fields are changed and whose checksums are then made right again.
            var starts: [Int] = []
            var at = 0
            while at + BatchHeader.bytes <= bytes.count, let header = BatchHeader.read(from: block, at: at) {
                starts.append(at)
                at += header.batchBytes
            }
            let start = starts[Int.random(in: 0..<starts.count, using: &random)]
            let header = try #require(BatchHeader.read(from: block, at: start))
            let target = start + Int.random(in: 16..<header.batchBytes - 16, using: &random)
            block.store(UInt8.random(in: 0...255, using: &random), at: target)
            let directory = start + BatchHeader.bytes
            block.store(block.hash(directory..<directory + header.directoryBytes), at: start + 80)
            let payload = start + header.payloadStart
            block.store(block.hash(payload..<payload + header.storedBytes.aligned), at: start + 88)
            block.store(block.hash(start..<start + 104), at: start + 104)
            try JournalImage(files: image.files.merging([name: block.bytes(0..<bytes.count)]) { $1 }).restore(to: path)
            _ = try JournalCheck.verify(path)
            _ = await readAll(path)
            do { await (try Journal.open(path, .quiet)).close() } catch {
                #expect(error.operation == .open, "seed 7, round \(round)")
            }
        }
    }

    @Test func `open a long journal as fast as a short one`() async throws {
        let folder = TemporaryFolder()
        var settings = JournalSettings.quiet
        settings.segmentBytes = 256 << 10
        var journal = try await Journal.open(folder.path, settings)
        try await journal.create([one])
        for round in 0..<60 {
            try await journal.append(Append((0..<500).map { event("t", 0, round * 500 + $0, bytes: 120) }))
        }
        await journal.close()
        let segments = try JournalImage(of: folder.path).files.keys.count { $0.hasSuffix(".seg") }
        #expect(segments > 5)
        let files = HookedFiles()
        journal = try await Journal.open(folder.path, settings, on: files)
        #expect(files.bytesRead < 2 * settings.segmentBytes, "more than the last segment")
        #expect(try journal.bounds(of: [lane])[lane]?.end == 30_000)
        await journal.close()
    }
}
