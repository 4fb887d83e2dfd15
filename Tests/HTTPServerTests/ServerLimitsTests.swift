import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite struct `The limits of a server` {
    @Test func `cut a client that sends one byte now and then, and serve the others`() async throws {
        let settings = HTTPServerSettings(receiveLimit: .milliseconds(800))
        let server = try HTTPServer(settings) { _ in .text("ok") }
        async let slow = Clients.python(
            server,
            """
            s, began = connect(), time.monotonic()
            try:
                for byte in b"GET / HTTP/1.1\\r\\nHost: a\\r\\nX-Long: " + b"y" * 200:
                    s.sendall(bytes([byte]))
                    time.sleep(0.05)
                print("never cut")
            except ConnectionError: print("cut after %.1f" % (time.monotonic() - began))
            """)
        #expect(try await Clients.curl("http://127.0.0.1:\(server.port)/").output == "ok")
        #expect(try await slow.output.hasPrefix("cut after"))
        await server.stop()
    }

    @Test func `cut a client that does not read its answer`() async throws {
        let settings = HTTPServerSettings(sendLimit: .milliseconds(800))
        let body = [UInt8](repeating: 0x78, count: 30 << 20)
        let server = try HTTPServer(settings) { _ in HTTPServerResponse(status: 200, body: .bytes(body)) }
        let verdict = try await Clients.python(
            server,
            """
            s = connect()
            s.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
            read = 0
            try:
                while True:
                    more = s.recv(4096)
                    if not more: break
                    read += len(more)
                    time.sleep(0.01 if read < 1 << 20 else 0)
            except ConnectionError: pass
            print("whole" if read > 30 << 20 else "cut")
            """)
        #expect(verdict.output == "cut\n", "\(verdict)")
        await server.stop()
    }

    @Test func `serve beside a thousand connections that say nothing, and let go of those`() async throws {
        let settings = HTTPServerSettings(maximumConnections: 1_200, receiveLimit: .seconds(2), threads: 2)
        let server = try HTTPServer(settings) { _ in .text("ok") }
        let verdict = try await Clients.python(
            server,
            """
            idle = [connect() for _ in range(1000)]
            s = connect()
            s.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n")
            print("served" if b"200 OK" in rest(s) else "not served")
            print("closed" if all(s.recv(10) == b"" for s in idle) else "open")
            """)
        #expect(verdict.output == "served\nclosed\n", "\(verdict)")
        #expect(try await Clients.soon { server.openConnections == 0 })
        await server.stop()
    }

    @Test func `answer requests that were sent at once in their order`() async throws {
        let server = try HTTPServer(HTTPServerSettings(threads: 2)) { request in
            do { try await Task.sleep(for: .milliseconds(request.path == ["1"] ? 100 : 1)) } catch { return .hangUp }
            return .text(request.path[0])
        }
        let verdict = try await Clients.python(
            server,
            """
            s = connect()
            line = b"GET /%d HTTP/1.1\\r\\nHost: a\\r\\n%s\\r\\n"
            s.sendall(b"".join(line % (n, b"Connection: close\\r\\n" if n == 3 else b"") for n in (1, 2, 3)))
            print("".join(part[-1:].decode() for part in rest(s).split(b"HTTP/1.1 200 OK")[1:]))
            """)
        #expect(verdict.output == "123\n", "\(verdict)")
        await server.stop()
    }

    @Test(arguments: ["a=%ff", "a=%00b", "%c3%28=1"])
    func `refuse a query that is no text`(query: String) async throws {
        let server = try HTTPServer { _ in .text("handled") }
        let answer = try await Clients.curl("-w", "%{http_code}", "http://127.0.0.1:\(server.port)/?\(query)")
        #expect(answer.output == "the query is unreadable\n400")
        await server.stop()
    }

    @Test func `let no header of ours become two`() async throws {
        let server = try HTTPServer { _ in
            HTTPServerResponse(status: 200, headers: [("X-One", "a\r\nX-Two: b")], body: .bytes([0x6F]))
        }
        let answer = try await Clients.curl("-i", "http://127.0.0.1:\(server.port)/")
        #expect(!answer.output.contains("X-Two") && answer.status == 52, "\(answer)")
        await server.stop()
    }
}

@Suite struct `A server's answers` {
    @Test func `are compressed when they are large and it was asked for`() async throws {
        let text = String(repeating: "one line of many\n", count: 1_000)
        let server = try HTTPServer(HTTPServerSettings(compressesAbove: 1_000)) { request in
            .text(request.path == ["large"] ? text : "small")
        }
        let large = "http://127.0.0.1:\(server.port)/large"
        let small = try await Clients.curl("--compressed", "-w", "\n%{size_download}", large)
        #expect(small.output.hasPrefix(text))
        #expect((small.lines.last.flatMap { Int($0) } ?? .max) < 1_000)
        for refusal in ["gzip;q=0", "br", "identity"] {
            let plain = try await Clients.curl("-H", "Accept-Encoding: \(refusal)", large)
            #expect(plain.output == text, "\(refusal)")
        }
        let headers = try await Clients.curl("-i", "-H", "Accept-Encoding: br, gzip;q=0.5", large, "-o", "-")
        #expect(headers.output.contains("Content-Encoding: gzip") && headers.output.contains("Vary: Accept-Encoding"))
        let untouched = try await Clients.curl("-i", "--compressed", "http://127.0.0.1:\(server.port)/small")
        #expect(!untouched.output.contains("Content-Encoding"))
        await server.stop()
    }

    @Test func `are logged without what may be secret`() async throws {
        let entries = Mutex<[HTTPServerLogEntry]>([])
        let words = HTTPServerWords(log: { entry in entries.withLock { $0.append(entry) } })
        let server = try HTTPServer(words: words) { _ in .text("four", status: 201) }
        _ = try await Clients.curl(
            "-H", "Authorization: Bearer hidden", "-d", "hidden", "http://127.0.0.1:\(server.port)/a/b?token=hidden")
        #expect(try await Clients.soon { entries.withLock { !$0.isEmpty } })
        let entry = try #require(entries.withLock { $0.first })
        #expect(entry.method == "POST" && entry.path == "/a/b" && entry.status == 201)
        #expect(entry.bodyBytes == 4 && entry.isComplete && entry.duration > .zero)
        #expect(!"\(entry)".contains("hidden"))
        await server.stop()
    }

    @Test func `are said in the words of whoever runs it when it refuses`() async throws {
        let words = HTTPServerWords(refusing: { .text("no: \($0)", status: $0.status) })
        let server = try HTTPServer(HTTPServerSettings(maximumBodyBytes: 3), words: words) { _ in .text("ok") }
        let answer = try await Clients.curl("-d", "four", "-w", "%{http_code}", "http://127.0.0.1:\(server.port)/")
        #expect(answer.output == "no: bodyTooLarge(limit: 3)413")
        await server.stop()
    }
}

@Suite struct `A server with a certificate` {
    private static func identity(in folder: String) throws -> HTTPServerIdentity {
        let made = try Judge.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                "\(folder)/key.pem", "-out", "\(folder)/certificate.pem",
            ])
        try #require(made.status == 0, "\(made.errors)")
        return HTTPServerIdentity(certificate: "\(folder)/certificate.pem", key: "\(folder)/key.pem")
    }

    @Test func `speaks TLS of today, and nothing else`() async throws {
        let folder = TemporaryFolder()
        let identity = try Self.identity(in: folder.path)
        let server = try HTTPServer(HTTPServerSettings(threads: 2, identity: identity)) { _ in .text("ok") }
        let address = "https://localhost:\(server.port)/"
        #expect(server.certificateEnd == CertificateEnd.seconds(ofFile: identity.certificate))
        #expect((server.certificateEnd ?? 0) - Int64(Date().timeIntervalSince1970) > 86_400)
        #expect(try await Clients.curl("--cacert", identity.certificate, address).output == "ok")
        #expect(try await Clients.curl(address).status == 60)
        #expect(try await Clients.curl("--cacert", identity.certificate, "--tls-max", "1.1", address).status == 35)
        #expect(try await Clients.curl("http://127.0.0.1:\(server.port)/").status != 0)
        await server.stop()
    }

    /// Mode, owner, and who reads.
    @Test(
        arguments: [
            (0o600, 1_000, 1_000, true), (0o400, 1_000, 1_000, true), (0o640, 1_000, 1_000, false),
            (0o440, 0, 10_001, true), (0o640, 0, 10_001, true), (0o440, 0, 0, false), (0o660, 0, 10_001, false),
            (0o444, 0, 10_001, false), (0o450, 0, 10_001, false),
        ] as [(UInt32, UInt32, UInt32, Bool)])
    func `takes a secret that Kubernetes mounted, and no other that its group can read`(
        mode: UInt32, owner: UInt32, reader: UInt32, isClosed: Bool
    ) {
        #expect(SecretFile.isClosed(mode: mode, owner: owner, to: reader) == isClosed)
    }

    @Test func `keeps its key from others, and says which file is wrong`() throws {
        let folder = TemporaryFolder()
        var identity = try Self.identity(in: folder.path)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: identity.key)
        #expect(throws: HTTPServerError.identity(identity.key, "is open to others; chmod 600 it")) {
            _ = try HTTPServer(HTTPServerSettings(identity: identity)) { _ in .text("ok") }
        }
        identity = HTTPServerIdentity(certificate: "\(folder.path)/none", key: identity.key)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: identity.key)
        #expect(throws: HTTPServerError.identity(identity.certificate, "cannot be read")) {
            _ = try HTTPServer(HTTPServerSettings(identity: identity)) { _ in .text("ok") }
        }
    }
}
