import Core
import Glibc
import TestSupport
import Testing

@testable import Journal

/// The bytes of all files of a journal, to put back after each fault.
struct JournalImage {
    let files: [String: [UInt8]]

    init(of path: String) throws {
        let layer = SystemFiles()
        var files: [String: [UInt8]] = [:]
        for name in try layer.list(path) where name != "control.sock" && name != "cut" {
            files[name] = try layer.contents(of: path + "/" + name, limit: 1 << 30)
        }
        self.files = files
    }

    func restore(to path: String) throws {
        let layer = SystemFiles()
        try layer.makeFolder(path)
        for name in try layer.list(path) where name != "cut" { try layer.remove(path + "/" + name) }
        if let cut = try? layer.list(path + "/cut") { for name in cut { try layer.remove(path + "/cut/" + name) } }
        for (name, bytes) in files { try Self.put(bytes, path + "/" + name) }
    }

    static func put(_ bytes: [UInt8], _ path: String) throws {
        let layer = SystemFiles()
        let file = try layer.open(path, .write)
        defer { layer.close(file) }
        try layer.truncate(file, to: 0)
        try layer.write(file, at: 0, Block(bytes), 0..<bytes.count)
    }
}

/// A journal of a few batches in two segments: two topics, a consumer's position, and a mark at its end.
func smallJournal(_ path: String, batches: Int = 5) async throws -> [NewRecord] {
    var settings = JournalSettings.quiet
    settings.segmentBytes = 1200
    let journal = try await Journal.open(path, settings)
    try await journal.create([
        TopicSpec(name: "a", partitions: 2, retentionMilliseconds: nil),
        TopicSpec(name: "b", partitions: 1, retentionMilliseconds: nil),
    ])
    var sent: [NewRecord] = []
    for batch in 0..<batches {
        let records = (0..<3).map { event($0 == 2 ? "b" : "a", $0 == 2 ? 0 : Int32($0), batch * 3 + $0) }
        let position = ConsumerPosition(
            consumer: "fold", source: TopicPartition("a", 0), next: Int64(batch),
            anchor: Anchor(offset: Int64(batch) - 1, timestamp: 1, hash: 7))
        try await journal.append(Append(records, positions: [position]))
        sent += records
    }
    await journal.close()
    return sent
}

let everything: [TopicPartition: ReadStart] = [
    TopicPartition("a", 0): .beginning, TopicPartition("a", 1): .beginning, TopicPartition("b", 0): .beginning,
]

/// Reads until the end or an error; what came before the error is delivered.
func readAll(_ path: String) async -> (records: [Record], error: LogError?) {
    var records: [Record] = []
    do {
        let reader = try await JournalReader.open(path, from: everything, ReadOptions(maximumRecords: 1))
        while true {
            let batch = try await reader.next(waiting: .zero)
            if batch.isEmpty && batch.next.isEmpty { return (records, nil) }
            for index in 0..<batch.count { records.append(batch.record(at: index)) }
        }
    } catch {
        return (records, error)
    }
}

func lastSegment(_ image: JournalImage) throws -> String {
    try #require(image.files.keys.filter { $0.hasSuffix(".seg") }.max())
}

@Suite struct `A journal cut short or spoiled` {
    @Test func `loses only the unfinished batch when it ends at any byte beyond the mark`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let sent = try await smallJournal(folder.path + "/j", batches: 4)
        let before = try JournalImage(of: folder.path + "/j")
        let mark = try #require(DurableMark.decode(before.files["durable"] ?? []))
        let journal = try await Journal.open(folder.path + "/j", .quiet)
        try await journal.append(Append((100..<110).map { event("a", 0, $0) }))
        await journal.close()
        let after = try JournalImage(of: folder.path + "/j")
        let name = try lastSegment(after)
        let whole = after.files[name] ?? []
        #expect(Int(mark.byte) < whole.count)
        for length in Int(mark.byte)..<whole.count {
            let files = JournalImage(files: after.files.merging(
                [name: Array(whole[..<length]), "durable": before.files["durable"] ?? []]) { $1 })
            try files.restore(to: folder.path + "/j")
            let report = try JournalCheck.verify(folder.path + "/j")
            #expect(report.damage.isEmpty, "length \(length)")
            let opened = try await Journal.open(folder.path + "/j", .quiet)
            #expect(opened.recovery.tornBytes == length - Int(mark.byte))
            #expect((opened.recovery.cutFile == nil) == (length == Int(mark.byte)))
            let records = try await opened.reader(from: everything).all()
            #expect(records.count == sent.count)
            try await opened.append(Append([event("a", 0, 1)]))
            await opened.close()
        }
    }

    @Test func `refuses to open when it ends at any byte below the mark, and opens after repair`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let path = folder.path + "/j"
        let sent = try await smallJournal(path)
        let image = try JournalImage(of: path)
        let name = try lastSegment(image)
        let whole = image.files[name] ?? []
        for length in 0..<whole.count {
            try JournalImage(files: image.files.merging([name: Array(whole[..<length])]) { $1 }).restore(to: path)
            let error = await #expect(throws: LogError.self) { try await Journal.open(path, .quiet) }
            guard case .damaged(let file, _, _) = error?.reason else {
                Issue.record("length \(length): \(String(describing: error))")
                continue
            }
            #expect(file.hasSuffix(name))
            #expect(!(try JournalCheck.verify(path).damage.isEmpty))
            let cuts = try JournalCheck.repair(path)
            #expect(!cuts.isEmpty)
            let opened = try await Journal.open(path, .quiet)
            let records = try await opened.reader(from: everything).all()
            #expect(records.count < sent.count)
            await opened.close()
            #expect(try JournalCheck.verify(path).damage.isEmpty, "length \(length)")
        }
    }

    @Test func `finds a flipped bit at any byte of any file, never delivers it, and cuts it out by name`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let path = folder.path + "/j"
        let sent = try await smallJournal(path)
        let image = try JournalImage(of: path)
        #expect(try JournalCheck.verify(path).damage.isEmpty)
        for (name, bytes) in image.files.sorted(by: { $0.key < $1.key }) {
            for place in bytes.indices {
                var flipped = bytes
                flipped[place] ^= 1 << UInt8(place % 8)
                try JournalImage(files: image.files.merging([name: flipped]) { $1 }).restore(to: path)
                let note = Comment(rawValue: "\(name) byte \(place)")
                let report = try JournalCheck.verify(path)
                #expect(report.damage.contains { $0.file.hasSuffix(name) }, note)
                let (records, _) = await readAll(path)
                #expect(records.allSatisfy { record in sent.contains { matches(record, $0) } }, note)
                if name == (try lastSegment(image)) {
                    await #expect(throws: LogError.self, note) { try await Journal.open(path, .quiet) }
                }
                let cuts = try JournalCheck.repair(path)
                if name != "lock" {
                    #expect(cuts.contains { $0.file.hasSuffix(name) && $0.bytes > 0 && $0.keptIn != nil }, note)
                }
                let opened = try await Journal.open(path, .quiet)
                #expect(opened.recovery.tornBytes == 0, note)
                await opened.close()
                #expect(try JournalCheck.verify(path).damage.isEmpty, note)
                let (left, error) = await readAll(path)
                #expect(error == nil, note)
                #expect(left.count >= sent.count - 3, note)
            }
        }
    }
}

extension JournalImage {
    init(files: [String: [UInt8]]) { self.files = files }
}
