import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// What strangers send, byte by byte, to a server that says back what its handler was given.
@Suite struct `Bad input` {
    private static let settings = HTTPServerSettings(
        maximumBodyBytes: 1 << 16, maximumHeaderBytes: 16 << 10, idleTimeout: .seconds(5), receiveLimit: .seconds(2),
        threads: 2)

    private func served(
        _ settings: HTTPServerSettings = Self.settings,
        _ body: (HTTPServer, Held) async throws -> Void
    ) async throws {
        let seen = Held()
        let server = try HTTPServer(settings) { request in
            seen.requests.withLock { $0.append(request) }
            return .text("\(request.path.joined(separator: "|")) \(request.body.count)\n")
        }
        try await body(server, seen)
        // Whatever came, others are served as before.
        #expect(try await Clients.curl("http://127.0.0.1:\(server.port)/well").output == "well 0\n")
        await server.stop()
    }

    private final class Held: Sendable {
        let requests = Mutex<[HTTPServerRequest]>([])
        var all: [HTTPServerRequest] { requests.withLock { $0 } }
    }

    /// Sends bytes, perhaps closes its side, and prints all that comes back.
    private func raw(_ server: HTTPServer, _ bytes: String, closing: Bool = false) async throws -> String {
        try await Clients.python(
            server,
            """
            s = connect()
            try: s.sendall(\(bytes))
            except ConnectionError: pass
            \(closing ? "s.shutdown(socket.SHUT_WR)" : "pass")
            sys.stdout.buffer.write(rest(s))
            """
        ).output
    }

    @Test(arguments: [
        "/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a/./../b", "//etc/passwd",
        "/%5c..%5cwindows",
    ])
    func `leads a path nowhere but to its parts`(path: String) async throws {
        try await served { server, seen in
            let answer = try await Clients.curl("--path-as-is", "http://127.0.0.1:\(server.port)\(path)")
            #expect(answer.status == 0)
            let request = try #require(seen.all.first)
            // Each part is told as it was sent: nothing is joined, and nothing climbs.
            #expect(request.target == path)
            #expect(request.path.count == path.split(separator: "/", omittingEmptySubsequences: false).count - 1)
        }
    }

    @Test func `makes no header of what comes in a path or a query`() async throws {
        try await served { server, _ in
            let answer = try await Clients.curl(
                "-i", "http://127.0.0.1:\(server.port)/a%0d%0aX-Made:%20yes?b=%0d%0aX-Made:%20yes")
            let head = answer.output.components(separatedBy: "\r\n\r\n")[0]
            #expect(!head.contains("X-Made"), "\(head)")
        }
    }

    @Test(arguments: [
        // Announced and not sent, with the connection closed, half closed, or held.
        ("b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 100\\r\\n\\r\\nhalf'", true),
        ("b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 100\\r\\n\\r\\nhalf'", false),
        ("b'POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nff\\r\\nhalf'", true),
        ("b'POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\nhalf'", true),
        // A length that is none, or two.
        ("b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 1e3\\r\\n\\r\\nhalf'", true),
        ("b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 4\\r\\nContent-Length: 9\\r\\n\\r\\nhalf'", true),
        // Both ways to say how long it is: what stands behind would be another's request.
        (
            "b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\nGET /smuggled HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'",
            true
        ),
        ("b'GET / HTTP/1.1\\r\\nHost: a\\r\\nX-Bad Name: b\\r\\n\\r\\n'", true),
        ("b'GET / HTTP/1.1\\r\\nHost: a\\r\\n folded: b\\r\\n\\r\\n'", true),
        ("b'GET / HTTP/1.1\\r\\nHost: a\\r\\nX-Nul: a\\x00b\\r\\n\\r\\n'", true),
        ("b'GET /\\xff\\xfe HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'", true),
        ("b'GET / HTTP/9.9\\r\\nHost: a\\r\\n\\r\\n'", true),
        ("b'\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xfc\\x03\\x03' + b'\\x00' * 200", true),
    ])
    func `never makes a request of half of one, or two of one`(bytes: String, closing: Bool) async throws {
        try await served { server, seen in
            let answer = try await raw(server, bytes, closing: closing)
            #expect(!answer.contains("smuggled") && !answer.contains("HTTP/1.1 500"), "\(answer)")
            let taken = seen.all
            #expect(!taken.contains { $0.method == "POST" && $0.body == Array("half".utf8) }, "\(taken)")
            #expect(!taken.contains { $0.target.contains("\u{FFFD}") }, "\(taken)")
        }
    }

    @Test func `is answered 431 when it is ten thousand headers, and 413 when the body is huge`() async throws {
        try await served { server, seen in
            let many = try await raw(
                server,
                "b'GET / HTTP/1.1\\r\\nHost: a\\r\\n' + b'X-%d: a\\r\\n' * 10000 % tuple(range(10000)) + b'\\r\\n'")
            #expect(many.hasPrefix("HTTP/1.1 431") || many.isEmpty, "\(many.prefix(100))")
            let huge = try await raw(
                server, "b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 10000000000\\r\\n\\r\\n'", closing: true)
            #expect(huge.hasPrefix("HTTP/1.1 413"), "\(huge.prefix(100))")
            #expect(seen.all.isEmpty)
        }
    }

    @Test func `is answered when its sender has closed his side`() async throws {
        try await served { server, _ in
            let answer = try await raw(
                server, "b'POST /half HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 4\\r\\n\\r\\nfour'", closing: true)
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("half 4\n"), "\(answer)")
        }
    }

    @Test func `is cut when the body comes one byte now and then`() async throws {
        var settings = Self.settings
        settings.receiveLimit = .milliseconds(800)
        try await served(settings) { server, seen in
            let verdict = try await Clients.python(
                server,
                """
                s = connect()
                s.sendall(b"POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 400\\r\\n\\r\\n")
                try:
                    for _ in range(400):
                        s.sendall(b"y")
                        time.sleep(0.05)
                    print("never cut")
                except ConnectionError: print("cut")
                """)
            #expect(verdict.output == "cut\n")
            #expect(seen.all.isEmpty)
        }
    }

    @Test func `leaves bytes that are no text to whoever reads the body`() async throws {
        try await served { server, seen in
            let answer = try await raw(
                server,
                "b'POST /b HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\nContent-Length: 4\\r\\n\\r\\n\\xff\\x00\\xfe\\xc3'"
            )
            #expect(answer.hasSuffix("b 4\n"), "\(answer)")
            #expect(seen.all.first?.body == [0xFF, 0, 0xFE, 0xC3])
        }
    }

    @Test func `of a thousand requests in one piece is answered in order, and each once`() async throws {
        try await served { server, seen in
            let verdict = try await Clients.python(
                server,
                """
                s = connect()
                import threading
                lines = b"".join(b"GET /%d HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n" % n for n in range(999))
                last = b"GET /999 HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n"
                threading.Thread(target=lambda: s.sendall(lines + last)).start()
                answers = [int(part.split(b"\\r\\n\\r\\n")[1].split()[0]) for part in rest(s).split(b"HTTP/1.1 200")[1:]]
                print(answers == list(range(1000)))
                """)
            #expect(verdict.output == "True\n", "\(verdict)")
            #expect(seen.all.count == 1_000)
        }
    }
}
