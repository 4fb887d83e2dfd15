import Foundation

/// Passes bytes between the stream's client and a server, and spoils the connection as networks do; ends with its owner.
final class FrameProxy {
    private let process = Process()
    private let input = Pipe()
    let port: Int

    init(to target: Int) throws {
        let script = """
            import os, socket, struct, sys, threading
            target = int(sys.argv[1])
            server = socket.create_server(("127.0.0.1", 0))
            print(server.getsockname()[1], flush=True)
            class State: pass
            links = []
            def end(link):
                for s in (link.near, link.far):
                    try:
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); s.shutdown(2); s.close()
                    except OSError: pass
            def pump(link, source, sink, down):
                while True:
                    try: piece = source.recv(65536)
                    except OSError: return
                    if link.frozen: threading.Event().wait()
                    if down and link.halves and len(piece) > 1:
                        try: sink.sendall(piece[:len(piece) // 2])
                        except OSError: pass
                        return end(link)
                    if not piece: return end(link)
                    try: sink.sendall(piece)
                    except OSError: return end(link)
            def serve():
                while True:
                    near, _ = server.accept()
                    link = State(); link.near, link.frozen, link.halves = near, False, False
                    link.far = socket.create_connection(("127.0.0.1", target)); links.append(link)
                    threading.Thread(target=pump, args=(link, near, link.far, False), daemon=True).start()
                    threading.Thread(target=pump, args=(link, link.far, near, True), daemon=True).start()
            threading.Thread(target=serve, daemon=True).start()
            for line in sys.stdin:
                for link in links:
                    if line.strip() == "freeze": link.frozen = True
                    if line.strip() == "halve": link.halves = True
                print("done", flush=True)
            os._exit(0)
            """
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script, "\(target)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = Self.line(output)
        guard let port = Int(line) else { throw CocoaError(.fileReadUnknown) }
        self.port = port
    }

    private let output = Pipe()

    private static func line(_ pipe: Pipe) -> String {
        var line = Data()
        while line.last != 10 {
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            line += more
        }
        return String(decoding: line.dropLast(), as: UTF8.self)
    }

    /// The connections that are open now pass nothing any more, and do not end: nobody says farewell.
    func freeze() throws { try tell("freeze") }

    /// Of what comes next down each open connection only half arrives; then it is cut.
    func halve() throws { try tell("halve") }

    private func tell(_ command: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
        guard Self.line(output) == "done" else { throw CocoaError(.fileWriteUnknown) }
    }

    deinit {
        do { try input.fileHandleForWriting.close() } catch { process.terminate() }
        process.waitUntilExit()
    }
}
