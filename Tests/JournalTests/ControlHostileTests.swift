import Core
import Glibc
import TestSupport
import Testing

@testable import Journal

private func expectAlive(_ folder: String, _ note: Comment = "") async throws {
    let remote = try await JournalRemote.connect(folder)
    #expect(try await remote.append(Append([event("t", 0, 1)])).count == 1, note)
    await remote.close()
}

private func header(version: UInt16 = 1, kind: UInt16 = 7, length: Int = 0, request: UInt64 = 5) -> [UInt8] {
    var writer = ByteWriter()
    writer.put(ControlFrame.magic)
    writer.put(version)
    writer.put(kind)
    writer.put(UInt32(length))
    writer.put(request)
    return writer.bytes
}

@Suite struct `A hostile peer of a journal` {
    @Test func `is told why and let go, and the holder goes on`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path)
        let (kind, body) = ControlRequest.delete("t").encode()
        let broken = Array(body.dropLast())
        let cases: [(bytes: [UInt8], request: UInt64, limit: Bool)] = [
            (Array("GET / HTTP/1.1\r\n\r\n".utf8), 0, false),
            ([0], 0, false),
            (header(version: 9), 5, false),
            (header(length: ControlFrame.maximumBodyBytes + 1), 5, true),
            (header(length: Int(UInt32.max)), 5, true),
            (header(kind: 99), 5, false),
            (header(kind: kind, length: broken.count) + broken, 5, false),
        ]
        for (index, hostile) in cases.enumerated() {
            let peer = try await ControlPeer(folder.path).greeted()
            try await peer.send(hostile.bytes)
            let frame = try #require(try await peer.frame())
            guard case .failed(let error) = try ControlReply.decode(frame) else {
                Issue.record("case \(index) was answered")
                continue
            }
            #expect(frame.request == hostile.request, "case \(index)")
            switch error.reason {
            case .limitExceeded(let name, let allowed, _):
                #expect(hostile.limit && name == "maximumControlFrameBytes", "case \(index)")
                #expect(allowed == ControlFrame.maximumBodyBytes)
            case .refused: #expect(!hostile.limit, "case \(index)")
            default: Issue.record("case \(index): \(error)")
            }
            #expect(try await peer.frame() == nil, "case \(index)")
            try await expectAlive(folder.path, "case \(index)")
        }
        try await ControlPeer.expectOnlyListener(folder.path)
        await journal.close()
    }

    @Test func `that ends no frame, or fetches no answer, is let go in time`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path) { $0.controlTimeout = .milliseconds(150) }
        let begun = ContinuousClock.now
        let half = try await ControlPeer(folder.path).greeted()
        try await half.send(Array(header(length: 100).dropLast(3)))
        #expect(try await half.frame() == nil)
        #expect(begun.duration(to: .now) >= .milliseconds(150))
        let deaf = try await ControlPeer(folder.path).greeted()
        // It pings and never looks at the answers, until nothing is taken from it any more.
        let pings = [[UInt8]](repeating: ControlPeer.frame(.ping, 1), count: 10_000).flatMap { $0 }
        while try await deaf.send(pings) == pings.count {}
        try await ControlPeer.expectOnlyListener(folder.path)
        try await expectAlive(folder.path)
        await journal.close()
    }

    @Test func `that is silent is let go, and whoever says that it is there stays`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path) { $0.controlIdle = .seconds(1) }
        let begun = ContinuousClock.now
        let remote = try await JournalRemote.connect(folder.path)
        let silent = try await ControlPeer(folder.path).greeted()
        #expect(try await silent.frame() == nil)
        #expect(begun.duration(to: .now) >= .seconds(1))
        try await Task.sleep(for: .milliseconds(1_500))
        #expect(remote.isConnected)
        try await remote.append(Append([event("t", 0, 1)]))
        await remote.close()
        try await ControlPeer.expectOnlyListener(folder.path)
        await journal.close()
    }

    @Test func `that leaves in the middle leaves nothing behind`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path)
        let seed: UInt64 = 31
        var random = SplitMix64(seed: seed)
        for number in 0..<200 {
            let peer = try ControlPeer(folder.path)
            let append = ControlRequest.append(Append([event("t", 1, number, bytes: 5_000)]), as: nil)
            let bytes = ControlPeer.frame(.openWriter("w\(number)"), 1) + ControlPeer.frame(append, 2)
            try await peer.send(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
        }
        // Let in by their order: its answer comes when all before it were.
        _ = try await ControlPeer(folder.path).reply()
        try await ControlPeer.expectOnlyListener(folder.path)
        try await expectAlive(folder.path, "seed \(seed)")
        // The writers that were opened ended with their connections.
        for number in 0..<200 { #expect(!journal.core.names.isOpen("w\(number)"), "seed \(seed)") }
        await journal.close()
        #expect(try JournalCheck.verify(folder.path).damage.isEmpty)
    }

    @Test func `may knock ten thousand times`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path) { $0.controlConnections = 8 }
        for _ in 0..<10_000 { _ = try ControlPeer(folder.path) }
        // Let in by their order: its answer comes when all before it were.
        _ = try await ControlPeer(folder.path).reply()
        try await ControlPeer.expectOnlyListener(folder.path)
        var staying: [ControlPeer] = []
        for _ in 0..<8 { staying.append(try await ControlPeer(folder.path).greeted()) }
        for _ in 0..<20 {
            let extra = try ControlPeer(folder.path)
            let reason = LogError.Reason.limitExceeded(name: "controlConnections", allowed: 8, actual: 9)
            #expect(try await extra.reply() == .failed(LogError(.open, reason)))
            #expect(try await extra.frame() == nil)
        }
        let open = try ControlPeer.sockets(of: folder.path)
        #expect(open == 9)
        let refused = await #expect(throws: LogError.self) { try await JournalRemote.connect(folder.path) }
        #expect(refused?.disposition == .reject)
        for peer in staying {
            try await peer.send(.ping)
            #expect(try await peer.reply() == .done)
        }
        await journal.close()
        for peer in staying { #expect(try await peer.frame() == nil) }
    }

    @Test func `of another user is refused`() async throws {
        let folder = TemporaryFolder()
        let journal = try await Journal.open(folder.path, .quiet)
        let server = try ControlServer(ControlListener(folder.path), journal.core, owner: geteuid() + 1)
        let peer = try ControlPeer(folder.path)
        try await peer.send(.ping)
        #expect(try await peer.reply() == .failed(LogError(.open, .refused("this journal is another user's"))))
        #expect(try await peer.frame() == nil)
        await server.stop()
        await journal.close()
    }

    @Test func `that asks more than it may have unanswered is not read any further`() async throws {
        let folder = TemporaryFolder()
        let disk = GatedDisk()
        var settings = JournalSettings()
        settings.controlRequests = 4
        let journal = try await Journal.open(folder.path, settings, on: disk)
        try await journal.create([TopicSpec(name: "t", partitions: 4, retentionMilliseconds: nil)])
        let peer = try await ControlPeer(folder.path).greeted()
        disk.shut(true)
        let request = ControlRequest.append(Append([event("t", 0, 1, bytes: 60_000)]), as: nil)
        var sent = 0
        var whole = 0
        while whole < 400 {
            let frame = ControlPeer.frame(request, UInt64(whole))
            let taken = try await peer.send(frame, patience: .seconds(1))
            sent += taken
            guard taken == frame.count else { break }
            whole += 1
        }
        // Four that are being done, what was read ahead, and what the kernel holds.
        #expect(whole >= 4 && sent < 3 << 20)
        // The others are served meanwhile.
        let other = try await ControlPeer(folder.path).greeted()
        try await other.send(.ping)
        #expect(try await other.reply() == .done)
        disk.shut(false)
        var answered = Set<UInt64>()
        for _ in 0..<whole { if let frame = try await peer.frame() { answered.insert(frame.request) } }
        #expect(answered == Set(0..<UInt64(whole)))
        await journal.close()
    }
}

extension WriterNames {
    fileprivate func isOpen(_ name: String) -> Bool {
        (1..<2_000).contains { isLatest(WriterToken(name: name, epoch: $0)) }
    }
}
