import HTTPClient
import Synchronization
import TestSupport
import Testing

@Suite struct `The evidence of a request` {
    /// A server of raw sockets that does one thing per connection and prints, on request, what it has seen.
    ///
    /// The plan names what happens to each connection in turn: `ok` answers and keeps it, `die` answers the first
    /// request and closes at the second without a word, `mute` reads and says nothing, `slow` answers byte by byte.
    /// After the last planned connection nobody listens.
    private func server(_ plan: String) throws -> LineProgram {
        try LineProgram(
            """
            import socket, sys, threading, time, os
            seen = []
            answer = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nX-A: b\\r\\n\\r\\nok"
            def request(c):
                data = b""
                while b"\\r\\n\\r\\n" not in data:
                    more = c.recv(65536)
                    if not more: return None
                    data += more
                head, _, body = data.partition(b"\\r\\n\\r\\n")
                size = 0
                for line in head.split(b"\\r\\n"):
                    if line.lower().startswith(b"content-length:"): size = int(line.split(b":")[1])
                while len(body) < size: body += c.recv(65536)
                seen.append(head.split(b" ")[0] + b" " + body)
                return True
            def work(c, what):
                first = True
                while request(c):
                    if what == "mute": time.sleep(30)
                    if what == "slow":
                        for b in answer:
                            c.sendall(bytes([b])); time.sleep(0.05)
                    if what == "count":
                        body = b"|".join(seen[:-1])
                        c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
                        continue
                    if what == "die" and not first: time.sleep(0.2); c.close(); return
                    c.sendall(answer)
                    first = False
            s = socket.create_server(("127.0.0.1", 0))
            print(s.getsockname()[1], flush=True)
            threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
            for what in "\(plan)".split():
                c, _ = s.accept()
                threading.Thread(target=work, args=(c, what), daemon=True).start()
            s.close()
            time.sleep(60)
            """)
    }

    private func post(_ port: String, _ body: String) -> HTTPRequest {
        HTTPRequest(.post, "http://127.0.0.1:\(port)/", body: Array(body.utf8))
    }

    @Test func `tells what was sent, and that a connection is used again`() throws {
        let server = try server("ok")
        var client = HTTPClient()
        let first = client.exchange(post(server.line, "hello"))
        #expect(try first.result.get().header("x-a") == "b")
        #expect(first.evidence.isConnected && !first.evidence.isReused)
        #expect(first.evidence.sentBytes > 60 && first.evidence.receivedBytes == 2)
        #expect(try #require(first.evidence.firstByte) <= first.evidence.total)
        for method in [HTTPRequest.Method.get, .delete, .patch, .put] {
            let next = client.exchange(HTTPRequest(method, "http://127.0.0.1:\(server.line)/"))
            #expect(try next.result.get().status == 200)
            #expect(next.evidence.isReused, "\(method)")
        }
    }

    /// Without a body nothing but our own guard holds libcurl back; with one it cannot go back either.
    @Test(arguments: ["two", ""])
    func `shows a request that died on a used connection, which is not sent again`(body: String) throws {
        // The connection dies when the second request has been read; libcurl would send it again on a new one.
        let server = try server("die count count count")
        var client = HTTPClient()
        #expect(try client.exchange(post(server.line, "one")).result.get().status == 200)
        let second = client.exchange(post(server.line, body))
        #expect(throws: HTTPError.self) { try second.result.get() }
        #expect(second.evidence.isConnected && second.evidence.sentBytes > 0)
        var other = HTTPClient()
        _ = other.exchange(post(server.line, "three"))
        var judge = HTTPClient()
        let seen = try judge.exchange(HTTPRequest(.get, "http://127.0.0.1:\(server.line)/")).result.get()
        #expect(String(decoding: seen.body, as: UTF8.self) == "POST one|POST \(body)|POST three")
    }

    @Test func `of one that died says nothing of the next`() throws {
        // Nobody listens any more when the second request dies, so libcurl cannot even try to send it again.
        let dying = try server("die")
        let well = try server("ok")
        var client = HTTPClient()
        #expect(try client.exchange(post(dying.line, "one")).result.get().status == 200)
        for body in ["two", "three"] {
            #expect(throws: HTTPError.self) { try client.exchange(post(dying.line, body)).result.get() }
        }
        #expect(try client.exchange(post(well.line, "four")).result.get().status == 200)
    }

    @Test func `of one that was kept back is none: its connection stood, and not a byte went out`() throws {
        let server = try server("ok count count")
        var client = HTTPClient()
        // On a new connection, and on one that was used.
        for number in 0..<2 {
            let looks = Looks()
            let kept = client.exchange(post(server.line, "kept")) { looks.refuse() }
            #expect(throws: HTTPError.forbidden) { try kept.result.get() }
            #expect(!kept.evidence.isConnected && kept.evidence.sentBytes == 0 && kept.evidence.connected == nil)
            #expect(looks.count == 1)
            guard number == 0 else { break }
            #expect(try client.exchange(HTTPRequest(.get, address(server))).result.get().status == 200)
            #expect(client.exchange(HTTPRequest(.get, address(server))).evidence.isReused)
        }
        var judge = HTTPClient()
        let seen = try judge.exchange(HTTPRequest(.get, address(server))).result.get()
        #expect(!String(decoding: seen.body, as: UTF8.self).contains("kept"))
    }

    private func address(_ server: LineProgram) -> String { "http://127.0.0.1:\(server.line)/" }

    private final class Looks: Sendable {
        private let looked = Mutex(0)
        var count: Int { looked.withLock { $0 } }
        func refuse() -> Bool {
            looked.withLock { $0 += 1 }
            return false
        }
    }

    @Test func `is none when nobody was there`() throws {
        let port = try server("ok").line
        var client = HTTPClient()
        let exchange = client.exchange(post(port, "hello"))
        #expect(throws: HTTPError.self) { try exchange.result.get() }
        #expect(!exchange.evidence.isConnected && exchange.evidence.sentBytes == 0)
    }

    @Test func `shows a connection when only the answer is missing`() throws {
        let server = try server("mute slow")
        var client = HTTPClient()
        let limits = HTTPLimits(firstByteTimeout: .milliseconds(300), totalTimeout: .seconds(20))
        let start = ContinuousClock.now
        let mute = client.exchange(post(server.line, "hello"), limits: limits)
        #expect(throws: HTTPError.timedOut(after: .milliseconds(300))) { try mute.result.get() }
        #expect(mute.evidence.isConnected && mute.evidence.sentBytes > 0 && mute.evidence.firstByte == nil)
        // Bytes that drip keep no request alive beyond its time.
        let slow = HTTPLimits(firstByteTimeout: .seconds(5), totalTimeout: .milliseconds(700))
        let dripped = client.exchange(post(server.line, "hello"), limits: slow)
        #expect(throws: HTTPError.timedOut(after: .milliseconds(700))) { try dripped.result.get() }
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test func `holds for headers too: they are bounded`() throws {
        let server = try LineProgram(
            """
            import socket, sys, threading, os
            s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True)
            threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
            while True:
                c, _ = s.accept(); c.recv(65536)
                try: c.sendall(b"HTTP/1.1 200 OK\\r\\n" + b"".join(b"X-%d: %s\\r\\n" % (n, b"y" * 1000) for n in range(200)) + b"\\r\\n")
                except OSError: pass
            """)
        var client = HTTPClient()
        let exchange = client.exchange(post(server.line, ""))
        #expect(throws: HTTPError.tooLarge(allowed: 64 << 10)) { try exchange.result.get() }
    }

    @Test func `of a pool counts the wait for a lane`() async throws {
        let server = try server("mute ok")
        let pool = HTTPPool(lanes: 1)
        let limits = HTTPLimits(firstByteTimeout: .seconds(4), totalTimeout: .seconds(4))
        async let first = pool.exchange(post(server.line, "1"), limits: limits)
        try await Task.sleep(for: .seconds(1))
        let quick = HTTPLimits(totalTimeout: .milliseconds(200))
        let second = await pool.exchange(post(server.line, "2"), limits: quick)
        #expect(throws: HTTPError.busy) { try second.result.get() }
        #expect(!second.evidence.isConnected)
        #expect(await first.evidence.isConnected)
        #expect(try await pool.exchange(post(server.line, "3")).result.get().status == 200)
    }
}
