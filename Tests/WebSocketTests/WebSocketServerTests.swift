import TestSupport
import Testing
import WebSocket

@Suite struct `A WebSocket of our server` {
    /// Runs Python's client against the server; what it prints is the verdict.
    private func judge(_ server: WebSocketServer, _ body: String) async throws -> Judge.Verdict {
        let script = """
            import asyncio, websockets
            address = "ws://127.0.0.1:\(server.port)"
            async def main():
            \(body.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
            asyncio.run(main())
            """
        return try await aside { try Judge.python(script) }
    }

    private func echo(_ settings: WebSocketSettings = WebSocketSettings()) throws -> WebSocketServer {
        try WebSocketServer(settings) { connection in
            do {
                while let message = try await connection.receive() { try connection.send(message) }
            } catch { connection.drop() }
        }
    }

    @Test func `carries messages of both kinds, and says farewell`() async throws {
        let server = try WebSocketServer { connection in
            do {
                try connection.send(.text(connection.path))
                if let message = try await connection.receive() { try connection.send(.binary(message.bytes)) }
                connection.close(status: 4006, reason: "bye")
            } catch { connection.drop() }
        }
        let verdict = try await judge(
            server,
            """
            async with websockets.connect(address + "/v2/iex") as s:
                print(await s.recv())
                await s.send("é" * 1000)
                answer = await s.recv()
                print(type(answer).__name__, len(answer))
                try: await s.recv()
                except websockets.ConnectionClosed as end: print(end.rcvd.code, end.rcvd.reason)
            """)
        #expect(verdict.lines == ["/v2/iex", "bytes 2000", "4006 bye"], "\(verdict)")
        await server.stop()
    }

    @Test func `serves many at once`() async throws {
        let server = try echo()
        let verdict = try await judge(
            server,
            """
            sockets = [await websockets.connect(address + "/") for _ in range(50)]
            for n in range(20):
                for i, s in enumerate(sockets): await s.send(f"{i} {n}")
                for i, s in enumerate(sockets): assert await s.recv() == f"{i} {n}"
            for s in sockets: await s.close()
            print("ok")
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
        await server.stop()
    }

    @Test func `refuses what is too large, and goes on with others`() async throws {
        let server = try echo(WebSocketSettings(maximumMessageBytes: 1000))
        let verdict = try await judge(
            server,
            """
            for size in (1000, 1001, 500000):
                async with websockets.connect(address + "/") as s:
                    try:
                        await s.send("x" * size)
                        print(len(await s.recv()))
                    except websockets.ConnectionClosed: print("closed")
            """)
        #expect(verdict.lines == ["1000", "closed", "closed"], "\(verdict)")
        await server.stop()
    }

    @Test func `survives what is no WebSocket`() async throws {
        let server = try echo()
        let verdict = try await judge(
            server,
            """
            import socket
            upgrade = b"GET / HTTP/1.1\\\\r\\\\nHost: a\\\\r\\\\nUpgrade: websocket\\\\r\\\\nConnection: Upgrade\\\\r\\\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\\\r\\\\nSec-WebSocket-Version: 13\\\\r\\\\n\\\\r\\\\n".decode("unicode_escape").encode()
            for attempt in (b"\\\\x00" * 5000, b"GET / HTTP/1.1\\\\r\\\\nHost: a\\\\r\\\\n\\\\r\\\\n", upgrade + b"\\\\xff" * 500, upgrade + b"\\\\x81\\\\xff\\\\xff\\\\xff\\\\xff\\\\xff\\\\xff\\\\xff\\\\xff\\\\xff" + b"x" * 100):
                raw = socket.create_connection(("127.0.0.1", \(server.port)), 5)
                raw.settimeout(1)
                try:
                    raw.sendall(attempt)
                    while raw.recv(1000): pass
                except OSError: pass
                raw.close()
            async with websockets.connect(address + "/") as s:
                await s.send("still here")
                print(await s.recv())
            """.replacing("\\\\", with: "\\"))
        #expect(verdict.lines == ["still here"], "\(verdict)")
        await server.stop()
    }

    @Test func `does not grow when the other side does not read`() async throws {
        let full = AsyncStream<WebSocketError>.makeStream()
        let server = try WebSocketServer(WebSocketSettings(maximumQueuedMessages: 16)) { connection in
            let piece = WebSocketMessage.binary([UInt8](repeating: 1, count: 100_000))
            for _ in 0..<2_000 {
                do throws(WebSocketError) { try connection.send(piece) } catch {
                    full.continuation.yield(error)
                    connection.drop()
                    return
                }
                await Task.yield()
            }
            full.continuation.finish()
        }
        async let verdict = judge(
            server,
            """
            import socket
            s = await websockets.connect(address + "/", max_queue=1, max_size=None)
            await asyncio.sleep(1)
            print("slow")
            """)
        var ends = full.stream.makeAsyncIterator()
        #expect(await ends.next() == .full)
        #expect(try await verdict.output.contains("slow"))
        await server.stop()
    }

    @Test func `ends its connections when it stops`() async throws {
        let server = try echo()
        let client = try WebSocketClient()
        let socket = try await client.connect("ws://127.0.0.1:\(server.port)/")
        try socket.send(.text("a"))
        #expect(try await socket.receive() == .text("a"))
        await server.stop()
        await #expect(throws: WebSocketError.lost) { try await socket.receive() }
        await #expect(throws: WebSocketError.self) { _ = try await client.connect("ws://127.0.0.1:\(server.port)/") }
        await client.stop()
    }

    @Test func `notices a peer that is dead`() async throws {
        let settings = WebSocketSettings(pingAfter: .seconds(1), deadAfter: .seconds(2))
        let server = try WebSocketServer(settings) { connection in
            do { while try await connection.receive() != nil {} } catch { connection.drop() }
        }
        // A client that answers no ping: it speaks the handshake and then nothing.
        let script = """
            import socket, time
            s = socket.create_connection(("127.0.0.1", \(server.port)), 5)
            s.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n")
            s.settimeout(10)
            seen = b""
            while True:
                more = s.recv(1000)
                if not more: break
                seen += more
            print("pinged" if b"\\x89" in seen else "silent")
            """
        let verdict = try await aside { try Judge.python(script) }
        #expect(verdict.lines == ["pinged"], "\(verdict)")
        await server.stop()
    }
}
