import Core
import Foundation
import TestSupport
import Testing

@testable import Journal

func controlled(
    _ folder: String, _ change: (inout JournalSettings) -> Void = { _ in }
) async throws -> Journal {
    var settings = JournalSettings()
    change(&settings)
    let journal = try await Journal.open(folder, settings)
    if journal.describe().isEmpty {
        try await journal.create([TopicSpec(name: "t", partitions: 4, retentionMilliseconds: nil)])
    }
    return journal
}

private func outcome<Value>(_ body: () async throws(LogError) -> Value) async -> LogError? {
    do {
        _ = try await body()
        return nil
    } catch { return error }
}

@Suite struct `A journal from another process` {
    @Test func `takes records and positions as its own`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path) { $0.clock = { 123 } }
        let remote = try await JournalRemote.connect(folder.path)
        #expect(remote.isConnected)
        let records = (0..<500).map { event("t", Int32($0 % 4), $0, bytes: $0 * 3) }
        let position = ConsumerPosition(
            consumer: "c", source: TopicPartition("t", 1), next: 9, anchor: Anchor(offset: 8, timestamp: 7, hash: 6))
        let places = try await remote.append(Append(records, positions: [position]))
        #expect(places.count == 500)
        for (record, place) in zip(records, places) {
            let kept = try #require(try await journal.record(at: place))
            #expect(matches(kept, record))
        }
        #expect(try journal.positions(of: "c", in: [position.source]) == [position.source: position])
        let unstamped = NewRecord(topic: "t", partition: 0, key: nil, value: nil)
        let place = try await remote.append(Append([unstamped]))[0]
        #expect(try await journal.record(at: place)?.timestamp == 123)
        #expect(try await remote.append(Append([])).isEmpty)
        try await remote.create([TopicSpec(name: "new", partitions: 1, retentionMilliseconds: 5)])
        try await remote.adjust(TopicSpec(name: "new", partitions: 3, retentionMilliseconds: nil, cleanup: .compact))
        let made = journal.describe().first { $0.name == "new" }
        #expect(made?.partitions == 3 && made?.settings["cleanup.policy"] == "compact")
        try await remote.delete("new")
        #expect(journal.describe().count == 1)
        await remote.close()
        #expect(!remote.isConnected)
        #expect(await outcome { () throws(LogError) in try await remote.delete("t") } == LogError(.delete, .closed))
        await journal.close()
    }

    @Test func `refuses with the same words as from within`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path) {
            $0.maximumAppendPositions = 2
            $0.maximumWriters = 1
        }
        let remote = try await JournalRemote.connect(folder.path)
        let position = ConsumerPosition(consumer: "c", source: TopicPartition("t", 0), next: 1, anchor: nil)
        func record(_ topic: String, _ partition: Int32?, value: Int = 1, header: Int = 1) -> NewRecord {
            NewRecord(
                topic: topic, partition: partition, key: nil, value: [UInt8](repeating: 0, count: value),
                headers: [Header(String(repeating: "h", count: header), nil)])
        }
        for append in [
            Append([record("no", 0)]), Append([record("t", 4)]), Append([record("t", nil)]),
            Append([record("t", 0, value: LogLimits.maximumRecordBytes)]), Append([record("t", 0, header: 70_000)]),
            Append([], positions: [position, position, position]),
            Append([record(String(repeating: "n", count: 100_000), 0)]),
        ] {
            let local = await outcome { () throws(LogError) in try await journal.append(append) }
            #expect(local != nil)
            #expect(await outcome { () throws(LogError) in try await remote.append(append) } == local)
        }
        for topics in [["t"], ["a", "a"], [""], [String(repeating: "n", count: 250)]] {
            let specs = topics.map { TopicSpec(name: $0, partitions: 1, retentionMilliseconds: nil) }
            let local = await outcome { () throws(LogError) in try await journal.create(specs) }
            #expect(local != nil)
            #expect(await outcome { () throws(LogError) in try await remote.create(specs) } == local)
        }
        for spec in [
            TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil),
            TopicSpec(name: "no", partitions: 1, retentionMilliseconds: nil),
        ] {
            let local = await outcome { () throws(LogError) in try await journal.adjust(spec) }
            #expect(local != nil)
            #expect(await outcome { () throws(LogError) in try await remote.adjust(spec) } == local)
        }
        #expect(
            await outcome { () throws(LogError) in try await remote.delete("no") }
                == LogError(.delete, .unknownTopic("no")))
        let first = try await remote.writer(named: "one")
        let limit = LogError(.open, .limitExceeded(name: "maximumWriters", allowed: 1, actual: 2))
        #expect(await outcome { () throws(LogError) in try await remote.writer(named: "two") } == limit)
        await first.close()
        let second = try await remote.writer(named: "two")
        #expect(second.name == "two")
        await journal.close()
    }

    @Test func `fences the earlier writer of a name, whoever opened the later`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path)
        let one = try await JournalRemote.connect(folder.path)
        let two = try await JournalRemote.connect(folder.path)
        let append = Append([event("t", 0, 1)])
        let fenced = LogError(.append, .fenced(writer: "w"))
        let first = try await one.writer(named: "w")
        try await first.append(append)
        let second = try await two.writer(named: "w")
        #expect(await outcome { () throws(LogError) in try await first.append(append) } == fenced)
        try await second.append(append)
        let third = try await journal.writer(named: "w")
        #expect(await outcome { () throws(LogError) in try await second.append(append) } == fenced)
        try await third.append(append)
        let fourth = try await one.writer(named: "w")
        #expect(await outcome { () throws(LogError) in try await third.append(append) } == fenced)
        // An old handle that is closed late must not take the name from its successor.
        await first.close()
        try await fourth.append(append)
        await fourth.close()
        #expect(
            await outcome { () throws(LogError) in try await fourth.append(append) } == LogError(.append, .closed))
        await one.close()
        await two.close()
        await journal.close()
    }

    @Test func `takes the largest append, and none that is larger`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path)
        let remote = try await JournalRemote.connect(folder.path)
        var records = (0..<16).map { number in
            NewRecord(
                topic: "t", partition: Int32(number % 4), key: nil,
                value: [UInt8](repeating: UInt8(number), count: LogLimits.maximumRecordBytes), timestamp: 7)
        }
        let places = try await remote.append(Append(records))
        for (record, place) in zip(records, places) {
            #expect(try await journal.record(at: place).map { matches($0, record) } == true)
        }
        records.append(NewRecord(topic: "t", partition: 0, key: nil, value: [1]))
        let allowed = LogLimits.maximumAppendBytes
        let limit = LogError.Reason.limitExceeded(name: "maximumAppendBytes", allowed: allowed, actual: allowed + 1)
        let append = Append(records)
        #expect(
            await outcome { () throws(LogError) in try await remote.append(append) } == LogError(.append, limit))
        await remote.close()
        await journal.close()
    }

    @Test func `answers many requests of one connection, more than it takes at once`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path) { $0.controlRequests = 4 }
        let remote = try await JournalRemote.connect(folder.path)
        let places = try await withThrowingTaskGroup(of: [RecordPosition].self) { group in
            for number in 0..<300 {
                let large = number % 50 == 0
                let records = (0..<(large ? 20 : 2)).map { event("t", 0, number + $0, bytes: large ? 100_000 : 50) }
                group.addTask { try await remote.append(Append(records)) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(places.map(\.offset).sorted() == Array(0..<Int64(294 * 2 + 6 * 20)))
        await remote.close()
        await journal.close()
    }

    @Test func `is reached through a folder's name that no socket address could hold`() async throws {
        let folder = TemporaryFolder()
        let long = folder.path + "/" + String(repeating: "long-", count: 40)
        let journal = try await controlled(long)
        var status = stat()
        #expect(unsafe lstat(long + "/control.sock", &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600 && status.st_mode & S_IFMT == S_IFSOCK)
        let remote = try await JournalRemote.connect(long)
        #expect(try await remote.append(Append([event("t", 0, 1)])).count == 1)
        await journal.close()
        #expect(unsafe lstat(long + "/control.sock", &status) != 0)
        await remote.close()
    }

    @Test func `is unavailable when nobody holds it`() async throws {
        let folder = TemporaryFolder()
        func reason(_ path: String) async -> LogError.Reason? {
            await outcome { () throws(LogError) in try await JournalRemote.connect(path) }?.reason
        }
        guard case .unavailable = await reason(folder.path + "/nowhere"), case .unavailable = await reason(folder.path)
        else { Issue.record("a connection to nobody"); return }
        let journal = try await controlled(folder.path)
        let remote = try await JournalRemote.connect(folder.path)
        await journal.close()
        guard case .unavailable = await reason(folder.path) else { Issue.record("a connection to nobody"); return }
        let late = await outcome { () throws(LogError) in try await remote.append(Append([event("t", 0, 1)])) }
        guard case .unavailable = late?.reason else { Issue.record("\(String(describing: late))"); return }
        #expect(!remote.isConnected)
        var quiet = try await Journal.open(folder.path, .quiet)
        guard case .unavailable = await reason(folder.path) else { Issue.record("a connection to nobody"); return }
        await quiet.close()
        quiet = try await controlled(folder.path)
        let again = try await JournalRemote.connect(folder.path)
        try await again.append(Append([event("t", 0, 1)]))
        await again.close()
        await quiet.close()
    }

    @Test func `that was killed leaves a socket that the next holder replaces`() async throws {
        let folder = TemporaryFolder()
        let child = try CrashChild(folder.path, "hold")
        child.firstByte()
        let remote = try await JournalRemote.connect(folder.path)
        let place = try await remote.append(Append([event("t", 3, 42)]))[0]
        child.kill()
        _ = child.lines()
        let lost = await outcome { () throws(LogError) in try await remote.append(Append([event("t", 3, 43)])) }
        #expect(lost?.disposition == .retry || lost?.disposition == .reopen)
        #expect(!remote.isConnected)
        await remote.close()
        #expect(FileManager.default.fileExists(atPath: folder.path + "/control.sock"))
        let nobody = await outcome { () throws(LogError) in try await JournalRemote.connect(folder.path) }
        guard case .unavailable = nobody?.reason else { Issue.record("\(String(describing: nobody))"); return }
        let journal = try await controlled(folder.path)
        #expect(try await journal.record(at: place).map { matches($0, event("t", 3, 42)) } == true)
        let next = try await JournalRemote.connect(folder.path)
        #expect(try await next.append(Append([event("t", 3, 44)]))[0].offset == place.offset + 1)
        await next.close()
        await journal.close()
    }
}
