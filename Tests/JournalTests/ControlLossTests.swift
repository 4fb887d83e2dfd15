import Core
import Glibc
import TestSupport
import Testing

@testable import Journal

/// A holder that answers what a test wants.
private final class FalseHolder {
    private let listener: ControlListener

    init(_ path: String) throws { listener = try ControlListener(path) }

    /// The next peer, greeted if there is a greeting.
    func peer(_ greeting: ControlGreeting?) async throws -> ControlPeer {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if case .peer(let socket) = listener.accept() {
                let peer = ControlPeer(accepted: socket)
                if let greeting { try await peer.send(ControlReply.greeting(greeting).frame(0)) }
                return peer
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw ByteReader.CutShort()
    }
}

private let greeting = ControlGreeting(requests: 64, bytes: 64 << 20, idleMilliseconds: 60_000)

private func error<Value: Sendable>(of task: Task<Value, any Error>) async -> LogError? {
    switch await task.result {
    case .success: nil
    case .failure(let error): error as? LogError
    }
}

@Suite struct `A holder that is lost` {
    @Test func `leaves what was sent unknown, and what was not sent undone`() async throws {
        let folder = TemporaryFolder()
        let holder = try FalseHolder(folder.path)
        async let connecting = JournalRemote.connect(folder.path)
        var peer: ControlPeer? = try await holder.peer(greeting)
        let remote = try await connecting
        let durable: [Task<Void, any Error>] = [
            Task { try await remote.append(Append([event("t", 0, 1)])) },
            Task { try await remote.create([TopicSpec(name: "n", partitions: 1, retentionMilliseconds: nil)]) },
        ]
        let fleeting = Task { _ = try await remote.writer(named: "w") }
        for _ in 0..<3 { #expect(try await peer?.frame() != nil) }
        // More than a socket holds: it cannot have been sent whole.
        let records = (0..<8).map { event("t", 0, $0, bytes: 1_000_000) }
        let large = Task { _ = try await remote.append(Append(records)) }
        let socket = try #require(peer?.socket)
        let deadline = ContinuousClock.now + .seconds(10)
        var scratch: [UInt8] = [0]
        // Its beginning has come, so it is on its way.
        while ControlSocket.receive(socket, into: &scratch) == .wouldBlock, .now < deadline {
            try await Task.sleep(for: .milliseconds(1))
        }
        peer = nil
        _ = shutdown(socket.number, Int32(SHUT_RDWR))
        for task in durable {
            let lost = await error(of: task)
            guard case .outcomeUnknown = lost?.reason else { Issue.record("\(String(describing: lost))"); continue }
        }
        for task in [fleeting, large] {
            let lost = await error(of: task)
            guard case .unavailable = lost?.reason else { Issue.record("\(String(describing: lost))"); continue }
        }
        #expect(!remote.isConnected)
        await remote.close()
    }

    @Test func `without a word is given up after the time it announced`() async throws {
        let folder = TemporaryFolder()
        let holder = try FalseHolder(folder.path)
        async let connecting = JournalRemote.connect(folder.path)
        let peer = try await holder.peer(greeting)
        let remote = try await connecting
        let append = Task { _ = try await remote.append(Append([event("t", 0, 1)])) }
        #expect(try await peer.frame() != nil)
        // Only now does the clock begin to matter: nothing here is in a hurry.
        var brief = greeting
        brief.idleMilliseconds = 200
        try await peer.send(ControlReply.greeting(brief).frame(0))
        let lost = await error(of: append)
        guard case .outcomeUnknown = lost?.reason else { Issue.record("\(String(describing: lost))"); return }
        // It was asked whether it was there.
        var pings = 0
        while let frame = try await peer.frame() { if try ControlRequest.decode(frame) == .ping { pings += 1 } }
        #expect(pings >= 1)
        #expect(!remote.isConnected)
        await remote.close()
    }

    @Test func `before it greets is waited for no longer than was said`() async throws {
        let folder = TemporaryFolder()
        let holder = try FalseHolder(folder.path)
        let begun = ContinuousClock.now
        let connecting = Task { _ = try await JournalRemote.connect(folder.path, timeout: .milliseconds(100)) }
        let peer = try await holder.peer(nil)
        let late = await error(of: connecting)
        guard case .timedOut = late?.reason else { Issue.record("\(String(describing: late))"); return }
        #expect(begun.duration(to: .now) >= .milliseconds(100))
        #expect(try await peer.frame() == nil)
    }

    @Test func `because it talks nonsense is let go`() async throws {
        let folder = TemporaryFolder()
        let holder = try FalseHolder(folder.path)
        async let connecting = JournalRemote.connect(folder.path)
        let peer = try await holder.peer(greeting)
        let remote = try await connecting
        let append = Task { _ = try await remote.append(Append([event("t", 0, 1)])) }
        #expect(try await peer.frame() != nil)
        try await peer.send(Array("HTTP/1.1 400 Bad Request".utf8))
        let lost = await error(of: append)
        guard case .outcomeUnknown = lost?.reason else { Issue.record("\(String(describing: lost))"); return }
        #expect(try await peer.frame() == nil)
        await remote.close()
    }

    @Test func `on purpose answers first what it was asked`() async throws {
        let folder = TemporaryFolder()
        let journal = try await controlled(folder.path)
        let remote = try await JournalRemote.connect(folder.path)
        let appends = (0..<40).map { number in
            Task { _ = try await remote.append(Append([event("t", 0, number)])) }
        }
        // Once the first is answered, the others are somewhere on the way.
        _ = await appends[0].result
        await journal.close()
        var durable = 0
        var undone = 0
        for append in appends {
            let lost = await error(of: append)
            switch lost?.reason {
            case nil: durable += 1
            case .unavailable, .outcomeUnknown: undone += 1
            default: Issue.record("\(String(describing: lost))")
            }
        }
        #expect(durable >= 1 && durable + undone == 40)
        let end = try await JournalView.take(folder.path).bounds(of: [TopicPartition("t", 0)])[TopicPartition("t", 0)]?
            .end
        #expect(end ?? 0 >= Int64(durable))
        await remote.close()
    }
}
