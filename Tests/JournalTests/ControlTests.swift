import Core
import Glibc
import TestSupport
import Testing

@testable import Journal

@Suite struct `Appending from another process through control.sock` {
    @Test func `makes topics, appends, refuses and fences like the holder itself`() async throws {
        let folder = TemporaryFolder()
        await #expect(throws: LogError.self) { try await JournalRemote.connect(folder.path) }
        let journal = try await Journal.open(folder.path)
        let remote = try await JournalRemote.connect(folder.path)
        try await remote.create([one])
        let sent = (0..<5).map { event("t", 0, $0) }
        let position = ConsumerPosition(
            consumer: "c", source: lane, next: 3, anchor: Anchor(offset: 2, timestamp: 1, hash: 4))
        let places = try await remote.append(Append(sent, positions: [position]))
        #expect(places == (0..<5).map { RecordPosition(lane, $0) })
        let records = try await journal.reader(from: [lane: .beginning]).all()
        #expect(zip(records, sent).allSatisfy { matches($0, $1) })
        #expect(try journal.positions(of: "c", in: [lane])[lane] == position)
        await #expect(throws: LogError(.append, .unknownTopic("x"))) {
            try await remote.append(Append([event("x", 0, 1)]))
        }
        await #expect(throws: LogError(.append, .unknownPartition(TopicPartition("t", 9)))) {
            try await remote.append(Append([event("t", 9, 1)]))
        }
        let large = NewRecord(topic: "t", partition: 0, value: [UInt8](repeating: 7, count: 1 << 20))
        #expect(try await remote.append(Append([NewRecord](repeating: large, count: 16))).count == 16)
        let here = try journal.writer(named: "w")
        let there = try await remote.writer(named: "w")
        await #expect(throws: LogError(.append, .fenced(writer: "w"))) {
            try await here.append(Append([event("t", 0, 6)]))
        }
        try await there.append(Append([event("t", 0, 7)]))
        _ = try journal.writer(named: "w")
        await #expect(throws: LogError(.append, .fenced(writer: "w"))) {
            try await there.append(Append([event("t", 0, 8)]))
        }
        try await remote.adjust(TopicSpec(name: "t", partitions: 2, retentionMilliseconds: nil))
        try await remote.delete("t")
        #expect(journal.describe().isEmpty)
        await journal.close()
        await #expect(throws: LogError.self) { try await remote.append(Append([event("t", 0, 9)])) }
        await #expect(throws: LogError.self) { try await JournalRemote.connect(folder.path) }
    }

    @Test func `reaches a holder in another process, whose death leaves the outcome unknown`() async throws {
        let folder = TemporaryFolder()
        let child = try CrashChild(folder.path, "hold")
        child.firstByte()
        let remote = try await JournalRemote.connect(folder.path)
        #expect(try await remote.append(Append([event("t", 0, 1)])).first?.offset == 0)
        child.kill()
        _ = child.lines()
        let error = await #expect(throws: LogError.self) { try await remote.append(Append([event("t", 0, 2)])) }
        guard case .outcomeUnknown = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        await #expect(throws: LogError(.append, .closed)) { try await remote.append(Append([event("t", 0, 3)])) }
        // The dead holder's socket is in nobody's way.
        let journal = try await Journal.open(folder.path)
        #expect(try await JournalRemote.connect(folder.path).append(Append([event("t", 0, 4)])).first?.offset == 1)
        await journal.close()
    }

    @Test func `works in a folder whose path is longer than a socket's may be, for its owner alone`() async throws {
        let folder = TemporaryFolder()
        let deep = folder.path + "/" + String(repeating: "d", count: 150)
        let journal = try await Journal.open(deep)
        var status = stat()
        #expect(unsafe stat(deep + "/control.sock", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let remote = try await JournalRemote.connect(deep)
        try await remote.create([one])
        await remote.close()
        await journal.close()
    }

    @Test func `neither stops nor kills the holder, whatever is sent`() async throws {
        let folder = TemporaryFolder()
        var settings = JournalSettings()
        settings.controlTimeout = .milliseconds(200)
        settings.controlConnections = 4
        let journal = try await Journal.open(folder.path, settings)
        try await journal.create([one])
        let place = JournalFolder(path: folder.path)
        func say(_ bytes: [UInt8], hangUp: Bool) throws -> Int {
            let socket = try ControlSocket.connect(in: place)
            defer { close(socket) }
            _ = unsafe send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            if hangUp { return 0 }
            // Either an answer, or the connection is closed: never silence.
            var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            return unsafe Int(poll(&waiting, 1, 10_000))
        }
        var random = SplitMix64(seed: 3)
        for round in 0..<60 {
            let garbage = (0..<Int.random(in: 1...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let framed = [UInt8(garbage.count + 1), 0, 0, 0, UInt8(round % 7)] + garbage
            #expect(try say(framed, hangUp: false) == 1, "seed 3, round \(round)")
            _ = try say(Array(framed.prefix(round % framed.count + 1)), hangUp: true)
        }
        #expect(try say([255, 255, 255, 255, 1], hangUp: false) == 1)
        #expect(try say([100, 0, 0, 0, 1, 2, 3], hangUp: false) == 1)
        // More silent connections than are taken: the surplus is turned away.
        let idle = try (0..<8).map { _ in try ControlSocket.connect(in: place) }
        #expect(try say([1, 0, 0, 0, 1], hangUp: false) == 1)
        #expect(try await journal.append(Append([event("t", 0, 1)])).first?.offset == 0)
        for socket in idle { close(socket) }
        #expect(try journal.bounds(of: [lane])[lane]?.end == 1)
        await journal.close()
    }
}
