import TestSupport
import Testing
import WebSocket

@Suite struct `A WebSocket of our client` {
    private func connect(
        _ server: PythonSocketServer, _ path: String, _ settings: WebSocketSettings = WebSocketSettings()
    ) async throws -> (WebSocketClient, WebSocketConnection) {
        let client = try WebSocketClient(settings)
        return (client, try await client.connect("ws://127.0.0.1:\(server.port)\(path)"))
    }

    @Test func `carries messages of both kinds, whole and in order`() async throws {
        let server = try PythonSocketServer()
        let (client, socket) = try await connect(server, "/echo")
        let sent: [WebSocketMessage] =
            [.text(""), .text("é"), .binary([0, 255, 10]), .text(String(repeating: "z", count: 300_000))]
            + (0..<500).map { .text("message \($0)") }
        for message in sent { try socket.send(message) }
        for message in sent { #expect(try await socket.receive() == message) }
        await client.stop()
        withExtendedLifetime(server) {}
    }

    @Test func `reads a message that came in frames`() async throws {
        let server = try PythonSocketServer()
        let (client, socket) = try await connect(server, "/pieces")
        #expect(try await socket.receive() == .text("einszweidrei"))
        await client.stop()
        withExtendedLifetime(server) {}
    }

    @Test func `loses nothing when it reads slowly`() async throws {
        let server = try PythonSocketServer()
        let (client, socket) = try await connect(
            server, "/many", WebSocketSettings(maximumQueuedMessages: 8))
        for number in 0..<5000 { #expect(try await socket.receive() == .text("\(number)")) }
        await client.stop()
        withExtendedLifetime(server) {}
    }

    @Test func `ends when a message is too large`() async throws {
        let server = try PythonSocketServer()
        let (client, socket) = try await connect(server, "/big")
        await #expect(throws: WebSocketError.tooLarge(allowed: 1 << 20)) { try await socket.receive() }
        let (other, large) = try await connect(server, "/big", WebSocketSettings(maximumMessageBytes: 2 << 20))
        #expect(try await large.receive()?.bytes.count == 2 << 20)
        await client.stop()
        await other.stop()
        withExtendedLifetime(server) {}
    }

    @Test func `says farewell while messages still come`() async throws {
        let server = try PythonSocketServer()
        let client = try WebSocketClient(WebSocketSettings(maximumMessageBytes: 4 << 20))
        for round in 0..<40 {
            let path = round.isMultiple(of: 2) ? "/big" : "/many"
            let socket = try await client.connect("ws://127.0.0.1:\(server.port)\(path)")
            if round % 4 == 1 { _ = try await socket.receive() }
            socket.close(status: 1001)
            #expect(throws: WebSocketError.lost) { try socket.send(.text("late")) }
            while try await socket.receive() != nil {}
            #expect(socket.closeStatus == 1001)
        }
        await client.stop()
        withExtendedLifetime(server) {}
    }

    @Test func `tells a farewell from a loss`() async throws {
        let server = try PythonSocketServer()
        let (client, socket) = try await connect(server, "/bye")
        #expect(try await socket.receive() == nil)
        #expect(socket.closeStatus == 4001 && !socket.isOpen)
        let cut = try await client.connect("ws://127.0.0.1:\(server.port)/cut")
        await #expect(throws: WebSocketError.lost) { try await cut.receive() }
        #expect(throws: WebSocketError.lost) { try cut.send(.text("late")) }
        await client.stop()
        withExtendedLifetime(server) {}
    }

    @Test(arguments: [401, 403, 406, 429, 503])
    func `says with which status a handshake was refused`(status: Int) async throws {
        let server = try PythonSocketServer()
        let client = try WebSocketClient()
        await #expect(throws: WebSocketError.refused(status: status)) {
            _ = try await client.connect("ws://127.0.0.1:\(server.port)/status/\(status)")
        }
        await client.stop()
        withExtendedLifetime(server) {}
    }

    @Test func `says when nobody is there, or nobody answers`() async throws {
        let port = try PythonSocketServer().port
        let client = try WebSocketClient(WebSocketSettings(openTimeout: .seconds(1)))
        await #expect {
            _ = try await client.connect("ws://127.0.0.1:\(port)/")
        } throws: { error in
            guard case .notOpened? = error as? WebSocketError else { return false }
            return true
        }
        // Accepts and says nothing.
        let silent = try WebSocketServer { _ in }
        let start = ContinuousClock.now
        let script = """
            import socket, sys, threading
            s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); sys.stdin.read()
            """
        let mute = try LineProgram(script)
        await #expect(throws: WebSocketError.self) { _ = try await client.connect("ws://127.0.0.1:\(mute.line)/") }
        #expect(ContinuousClock.now - start < .seconds(5))
        await silent.stop()
        withExtendedLifetime(mute) {}
        await client.stop()
    }

    @Test(arguments: [
        "ws://192.0.2.1/", "ws://127.0.0.1.example.org/", "http://127.0.0.1/", "ws://user:secret@127.0.0.1/", "",
        "ws://127.0.0.1/a b",
    ])
    func `goes nowhere it should not`(address: String) async throws {
        let client = try WebSocketClient(WebSocketSettings(openTimeout: .seconds(1)))
        await #expect {
            _ = try await client.connect(address)
        } throws: { error in
            guard case .address? = error as? WebSocketError else { return false }
            return true
        }
        await client.stop()
    }

    @Test func `over TLS believes only who proves to be the one that was asked`() async throws {
        let folder = TemporaryFolder()
        let (certificate, key) = (folder.path + "/certificate.pem", folder.path + "/key.pem")
        let made = try Judge.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
            ])
        try #require(made.status == 0, "\(made.errors)")
        let server = try PythonSocketServer(certificate: certificate, key: key)
        let trusting = try WebSocketClient(WebSocketSettings(openTimeout: .seconds(5), authorities: certificate))
        let socket = try await trusting.connect("wss://localhost:\(server.port)/binary")
        #expect(try await socket.receive() == .binary(Array(#"{"a":1}"#.utf8)))
        let doubting = try WebSocketClient(WebSocketSettings(openTimeout: .seconds(5)))
        for (client, name) in [(trusting, "127.0.0.1"), (doubting, "localhost")] {
            await #expect(throws: WebSocketError.self, "\(name)") {
                _ = try await client.connect("wss://\(name):\(server.port)/echo")
            }
        }
        await trusting.stop()
        await doubting.stop()
        withExtendedLifetime(server) {}
    }
}
