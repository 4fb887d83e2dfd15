import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite struct `A server over HTTP` {
    /// curl as the judge: status and body of one request.
    private func curl(_ port: UInt16, _ path: String, _ options: String...) async throws -> (status: Int, body: String)
    {
        let arguments =
            ["-sS", "--max-time", "10", "-w", "\n%{http_code}"] + options + ["http://127.0.0.1:\(port)\(path)"]
        let verdict = try await aside { try Judge.run("curl", arguments) }
        let lines = verdict.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? -1, lines.dropLast().joined(separator: "\n"))
    }

    private func judged(_ arguments: [String]) async throws -> Judge.Verdict {
        try await aside { try Judge.run("curl", arguments) }
    }

    /// Sends raw bytes over a socket of Python's and prints what comes back.
    private func raw(_ port: UInt16, _ bytes: String) async throws -> String {
        let script = """
            import socket, sys
            s = socket.create_connection(("127.0.0.1", \(port)), 5)
            s.settimeout(8)
            answer = b""
            try:
                s.sendall(\(bytes))
                while True:
                    more = s.recv(65536)
                    if not more: break
                    answer += more
            except (ConnectionResetError, BrokenPipeError): answer += b"<reset>"
            except TimeoutError: answer += b"<timeout>"
            sys.stdout.buffer.write(answer)
            """
        return try await aside { try Judge.python(script).output }
    }

    @Test func `gives the handler what was sent, and sends back what it says`() async throws {
        var routes = HTTPRoutes()
        routes.on("PATCH", "/v2/orders/:id") { request, parameters in
            let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            var response = HTTPServerResponse.text(
                "\(parameters["id"])|\(query)|\(request.header("x-one") ?? "-")|"
                    + "\(String(decoding: request.body, as: UTF8.self))|\(request.target)", status: 201)
            response.headers.append(("X-Two", "zwei"))
            return response
        }
        let server = try HTTPServer(routes: routes)
        let answer = try await curl(
            server.port, "/v2/orders/BTC%2FUSD?a=1&b=x%20y", "-X", "PATCH", "-H", "X-One: eins", "-d", "body é", "-i")
        #expect(answer.status == 201)
        #expect(answer.body.contains("X-Two: zwei"))
        #expect(answer.body.hasSuffix("BTC/USD|a=1,b=x y|eins|body é|/v2/orders/BTC%2FUSD?a=1&b=x%20y"))
        await server.stop()
    }

    @Test func `tells a wrong method from a wrong path`() async throws {
        var routes = HTTPRoutes()
        routes.on("GET", "/a") { _, _ in .text("a") }
        routes.on("POST", "/a") { _, _ in .text("b") }
        let server = try HTTPServer(routes: routes)
        let wrong = try await curl(server.port, "/a", "-X", "DELETE", "-i")
        #expect(wrong.status == 405 && wrong.body.contains("Allow: GET, POST"))
        #expect(try await curl(server.port, "/b").status == 404)
        #expect(try await curl(server.port, "/a/b").status == 404)
        await server.stop()
    }

    @Test func `answers many at once, whatever each waits for`() async throws {
        let server = try HTTPServer { request in
            do { try await Task.sleep(for: .milliseconds(300)) } catch { return .hangUp }
            return .text(request.path.joined())
        }
        let start = ContinuousClock.now
        let verdict = try await judged(
            ["-sS", "--parallel", "--parallel-immediate", "http://127.0.0.1:\(server.port)/[1-20]"])
        #expect(verdict.output.count == 9 + 2 * 11, "\(verdict.output) \(verdict.errors)")
        // One after another would take six seconds.
        #expect(ContinuousClock.now - start < .seconds(4))
        await server.stop()
    }

    @Test func `keeps a connection for the next request`() async throws {
        let server = try HTTPServer { _ in .text("ok\n") }
        let verdict = try await judged(
            [
                "-sS", "-w", "%{num_connects}\n", "http://127.0.0.1:\(server.port)/a",
                "http://127.0.0.1:\(server.port)/b",
            ])
        #expect(verdict.output == "ok\n1\nok\n0\n")
        await server.stop()
    }

    @Test func `streams a body piece by piece, and cuts it when its maker fails`() async throws {
        struct Failure: Error {}
        let server = try HTTPServer { request in
            let count = Mutex(0)
            let next: @Sendable () async throws -> [UInt8]? = {
                try await Task.sleep(for: .milliseconds(1))
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                if number > 100 { return nil }
                if request.path == ["cut"], number == 50 { throw Failure() }
                return Array("piece \(number)\n".utf8)
            }
            return HTTPServerResponse(status: 200, body: .stream(length: nil, next: next))
        }
        let whole = try await curl(server.port, "/whole")
        #expect(whole.status == 200 && whole.body.hasSuffix("piece 99\npiece 100\n"))
        let cut = try await aside { try Judge.run("curl", ["-sS", "http://127.0.0.1:\(server.port)/cut"]) }
        #expect(cut.status != 0 && cut.output.hasSuffix("piece 49\n"), "\(cut)")
        await server.stop()
    }

    @Test func `hangs up without a word when the handler says so`() async throws {
        let server = try HTTPServer { _ in .hangUp }
        let verdict = try await aside { try Judge.run("curl", ["-sS", "http://127.0.0.1:\(server.port)/"]) }
        #expect(verdict.status == 52, "\(verdict.errors)")
        await server.stop()
    }

    @Test func `listens on loopback alone, and says when a port is taken`() async throws {
        let server = try HTTPServer { _ in .text("ok") }
        let others = try Judge.run("hostname", ["-I"]).output.split(separator: " ").first.map(String.init)
        if let other = others?.trimmingCharacters(in: .whitespacesAndNewlines), !other.isEmpty {
            let verdict = try await aside {
                try Judge.run("curl", ["-sS", "--max-time", "3", "http://\(other):\(server.port)/"])
            }
            #expect(verdict.status == 7, "\(verdict)")
        }
        #expect(throws: HTTPServerError.notListening(host: "127.0.0.1", port: server.port)) {
            _ = try HTTPServer(HTTPServerSettings(port: server.port)) { _ in .text("") }
        }
        #expect(throws: HTTPServerError.host("localhost")) {
            _ = try HTTPServer(HTTPServerSettings(host: "localhost")) { _ in .text("") }
        }
        await server.stop()
    }
}

extension `A server over HTTP` {
    @Test func `refuses what is too large`() async throws {
        let settings = HTTPServerSettings(maximumBodyBytes: 1000, maximumHeaderBytes: 4096)
        let server = try HTTPServer(settings) { request in .text("\(request.body.count)") }
        let exact = String(repeating: "x", count: 1000)
        #expect(try await curl(server.port, "/", "-d", exact).body == "1000")
        #expect(try await curl(server.port, "/", "-H", "Expect:", "-d", exact + "x").status == 413)
        // Without an announced length it is cut off: there is no good moment for an answer.
        let chunked = try await raw(
            server.port,
            "b'POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n' + b'ff\\r\\n' + b'x'*255 + b'\\r\\nffff\\r\\n' + b'x'*65535 + b'\\r\\n0\\r\\n\\r\\n'"
        )
        #expect(!chunked.contains("200 OK"), "\(chunked)")
        let header = try await curl(server.port, "/", "-H", "X-Long: " + String(repeating: "y", count: 8000))
        #expect([-1, 413, 431].contains(header.status), "\(header)")
        let line = try await curl(server.port, "/" + String(repeating: "z", count: 8000))
        #expect([-1, 414, 431].contains(line.status), "\(line)")
        #expect(try await curl(server.port, "/").body == "0")
        await server.stop()
    }

    @Test(arguments: [
        "b'nonsense\\r\\n\\r\\n'", "b'GET / HTTP/1.1\\r\\n\\r\\n'",
        "b'GET /%00 HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'",
        "b'GET /%ff HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'",
        "b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: -5\\r\\n\\r\\nhello'",
        "b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 99999999999999999999999\\r\\n\\r\\nhello'",
        "bytes(range(256)) * 40",
    ])
    func `lets nothing malformed through to the handler`(bytes: String) async throws {
        let handled = Mutex(0)
        let server = try HTTPServer(HTTPServerSettings(idleTimeout: .seconds(2))) { _ in
            handled.withLock { $0 += 1 }
            return .text("ok")
        }
        let answer = try await raw(server.port, bytes)
        #expect(!answer.contains("200 OK") && !answer.contains("<timeout>"), "\(answer)")
        #expect(handled.withLock { $0 } == 0)
        #expect(try await curl(server.port, "/").status == 200)
        await server.stop()
    }

    @Test func `gives up a connection on which nothing moves`() async throws {
        let server = try HTTPServer(HTTPServerSettings(idleTimeout: .seconds(1))) { _ in .text("ok") }
        let answer = try await raw(server.port, "b'GET / HTTP/1.1\\r\\nHos'")
        #expect(!answer.contains("200 OK") && !answer.contains("<timeout>"), "\(answer)")
        await server.stop()
    }

    @Test func `takes no more connections than its limit`() async throws {
        let server = try HTTPServer(HTTPServerSettings(maximumConnections: 4, idleTimeout: .seconds(2))) { _ in
            .text("ok")
        }
        let script = """
            import socket
            idle = [socket.create_connection(("127.0.0.1", \(server.port)), 5) for _ in range(4)]
            s = socket.create_connection(("127.0.0.1", \(server.port)), 5)
            s.settimeout(0.5)
            try:
                s.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
                print("early" if s.recv(100) else "closed")
            except (TimeoutError, ConnectionError): print("waits")
            s.settimeout(8)
            for i in idle: i.close()
            try: print("served" if b"200 OK" in s.recv(100) else "closed")
            except ConnectionError: print("closed")
            """
        let verdict = try await aside { try Judge.python(script) }
        #expect(!verdict.output.contains("early") && verdict.lines.count == 2, "\(verdict)")
        #expect(try await curl(server.port, "/").status == 200)
        await server.stop()
    }

    @Test func `ends what is open before it stops, and cuts what does not end`() async throws {
        let started = AsyncStream<Void>.makeStream()
        let settings = HTTPServerSettings(drainLimit: .milliseconds(600))
        let server = try HTTPServer(settings) { request in
            started.continuation.yield()
            let wait: Duration = request.path == ["soon"] ? .milliseconds(200) : .seconds(60)
            do { try await Task.sleep(for: wait) } catch { return .text("cancelled") }
            return .text("done")
        }
        let port = server.port
        async let soon = aside { try Judge.run("curl", ["-sS", "http://127.0.0.1:\(port)/soon"]) }
        async let never = aside { try Judge.run("curl", ["-sS", "http://127.0.0.1:\(port)/never"]) }
        var both = started.stream.makeAsyncIterator()
        await both.next()
        await both.next()
        let start = ContinuousClock.now
        await server.stop()
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try await soon.output == "done")
        #expect(try await never.status == 52)
        #expect(try Judge.run("curl", ["-sS", "http://127.0.0.1:\(port)/soon"]).status == 7)
        await server.stop()
    }
}
