import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite struct `A stream of events` {
    /// The feeds of a server whose every request is a new one.
    private final class Feeds: Sendable {
        private let feeds = Mutex<[EventFeed]>([])
        func add(_ feed: EventFeed) { feeds.withLock { $0.append(feed) } }
        var all: [EventFeed] { feeds.withLock { $0 } }
    }

    private struct Stage {
        let feeds = Feeds()
        let server: HTTPServer

        init(heartbeat: Duration = .seconds(15), maximumBytes: Int = EventFeed.defaultMaximumBytes) throws {
            let settings = HTTPServerSettings(drainLimit: .seconds(2), receiveLimit: .seconds(1))
            server = try HTTPServer(settings) { [feeds] _ in
                let feed = EventFeed(maximumBytes: maximumBytes, heartbeat: heartbeat)
                feeds.add(feed)
                return .events(feed)
            }
        }

        var all: [EventFeed] { feeds.all }
        var address: String { "http://127.0.0.1:\(server.port)/" }
    }

    @Test func `brings each with its id, a line of data for each line, and ends when it is finished`() async throws {
        let stage = try Stage()
        async let heard = Clients.curl("-N", "-i", stage.address)
        try #require(try await Clients.soon { stage.all.count == 1 })
        let feed = try #require(stage.all.first)
        feed.send(ServerEvent(id: "7", name: "fill", data: Array("{\"a\":1}\nsecond".utf8)))
        feed.send(ServerEvent(data: Array("last".utf8)))
        feed.finish()
        let answer = try await heard
        #expect(answer.output.contains("Content-Type: text/event-stream"))
        #expect(
            answer.output.hasSuffix("\r\n\r\nid: 7\nevent: fill\ndata: {\"a\":1}\ndata: second\n\ndata: last\n\n"),
            "\(answer.output)")
        #expect(answer.status == 0 && !feed.send(ServerEvent(data: [])))
        await stage.server.stop()
    }

    @Test func `says now and then that it is there, longer than a request may take`() async throws {
        let stage = try Stage(heartbeat: .milliseconds(300))
        async let heard = Clients.curl("-N", "--max-time", "5", stage.address)
        let beats = try await heard.output.split(separator: "\n", omittingEmptySubsequences: true)
        #expect(beats.count >= 2 && beats.allSatisfy { $0 == ": " }, "\(beats)")
        // The client has gone: the feed learns it from the next heartbeat.
        #expect(try await Clients.soon { stage.all.allSatisfy(\.isEnded) })
        await stage.server.stop()
    }

    @Test func `cuts the client that does not read, and nobody else`() async throws {
        let stage = try Stage(maximumBytes: 100_000)
        let server = stage.server
        let folder = TemporaryFolder()
        let cut = folder.path + "/cut"
        async let slow = Clients.python(
            server,
            """
            s = connect()
            s.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
            while not os.path.exists("\(cut)"): time.sleep(0.01)
            print("cut" if b"behind" not in rest(s) else "whole")
            """)
        try #require(try await Clients.soon { stage.all.count == 1 })
        async let quick = Clients.curl("-N", "-o", "/dev/null", "-w", "%{size_download}", stage.address)
        try #require(try await Clients.soon { stage.all.count == 2 })
        let event = ServerEvent(data: [UInt8](repeating: 0x78, count: 10_000)).bytes
        var sent = 0
        while !stage.all[0].isEnded, sent < 4_000 {
            stage.all[0].send(event)
            #expect(stage.all[1].send(event))
            sent += 1
            // The quick one reads what there is, however little of the processor it gets.
            repeat {
                try await Task.sleep(for: .milliseconds(1))
            } while stage.all[1].backlog.bytes > 0 && !stage.all[1].isEnded
        }
        #expect(stage.all[0].isEnded, "never cut")
        try Data().write(to: URL(filePath: cut))
        stage.all[1].send(ServerEvent(data: Array("behind".utf8)))
        stage.all[1].finish()
        #expect(try await slow.output == "cut\n")
        #expect(try await quick.output == "\(sent * event.count + 14)")
        await server.stop()
    }

    @Test func `ends whole when the server stops`() async throws {
        let stage = try Stage()
        async let heard = Clients.curl("-N", stage.address)
        try #require(try await Clients.soon { stage.all.count == 1 })
        stage.all[0].send(ServerEvent(data: Array("one".utf8)))
        await stage.server.stop()
        let answer = try await heard
        #expect(answer.status == 0 && answer.output == "data: one\n\n", "\(answer)")
    }

    @Test func `takes no more events than its limit, and none afterwards`() {
        let feed = EventFeed(maximumEvents: 3)
        let one = ServerEvent(data: [0x78])
        #expect((0..<3).allSatisfy { _ in feed.send(one) })
        #expect(!feed.send(one) && feed.isEnded && !feed.send(one))
    }

    @Test func `counts the events of a piece that many share, and takes a large one alone`() {
        let one = ServerEvent(data: [0x78]).bytes
        let feed = EventFeed(maximumEvents: 3, maximumBytes: 100)
        #expect(feed.send(one + one, events: 2) && feed.backlog.events == 2)
        #expect(!feed.send(one + one, events: 2) && feed.isEnded)
        let large = EventFeed(maximumBytes: 100)
        let event = ServerEvent(data: [UInt8](repeating: 0x78, count: 1_000))
        #expect(large.send(event) && !large.send(event))
    }

    @Test func `is hung up on by whoever serves it`() async throws {
        let stage = try Stage()
        async let heard = Clients.curl("-N", stage.address)
        try #require(try await Clients.soon { stage.all.count == 1 })
        let feed = stage.all[0]
        feed.send(ServerEvent(data: Array("one".utf8)))
        #expect(try await Clients.soon { feed.backlog.events == 0 })
        feed.hangUp()
        #expect(try await heard.status != 0 && feed.isEnded)
        await stage.server.stop()
    }

    /// A smaller twin of what `make bench` measures with five hundred.
    @Test func `comes whole to fifty clients at once`() async throws {
        let stage = try Stage()
        let server = stage.server
        async let heard = Clients.python(
            server,
            """
            import re, selectors
            chosen, got = selectors.DefaultSelector(), {}
            for number in range(50):
                s = connect()
                s.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
                got[s] = b""
                chosen.register(s, selectors.EVENT_READ)
            while chosen.get_map():
                for key, _ in chosen.select(60):
                    more = key.fileobj.recv(1 << 18)
                    if more: got[key.fileobj] += more
                    if not more or more.endswith(b"0\\r\\n\\r\\n"): chosen.unregister(key.fileobj)
            def body(answer):
                answer, text = answer.split(b"\\r\\n\\r\\n", 1)[1], b""
                while True:
                    size, answer = answer.split(b"\\r\\n", 1)
                    if int(size, 16) == 0: return text
                    text, answer = text + answer[:int(size, 16)], answer[int(size, 16) + 2:]
            numbers = b"".join(b"data: %d\\n\\n" % n for n in range(2000))
            print(sum(body(answer) == numbers for answer in got.values()))
            """)
        try #require(try await Clients.soon { stage.all.count == 50 })
        for number in stride(from: 0, to: 2_000, by: 10) {
            let piece = (number..<number + 10).flatMap { ServerEvent(data: Array("\($0)".utf8)).bytes }
            for feed in stage.all { #expect(feed.send(piece, events: 10)) }
            // Nobody is cut off for being slow here.
            repeat {
                try await Task.sleep(for: .milliseconds(2))
            } while stage.all.contains { $0.backlog.events > 500 && !$0.isEnded }
        }
        for feed in stage.all { feed.finish() }
        let verdict = try await heard
        #expect(verdict.output == "50\n", "\(verdict)")
        await server.stop()
    }
}
