import Foundation

/// A WebSocket server of Python's, on a free port, which ends with its owner: a judge that shares no code with ours.
final class PythonSocketServer {
    private let process = Process()
    private let input = Pipe()
    let port: Int

    /// Paths: `/echo`, `/binary` (sends one), `/big` (2 MiB), `/bye` (closes with 4001), `/cut` (drops the connection), `/status/406`
    /// (refuses the handshake with that status).
    init(certificate: String? = nil, key: String? = nil) throws {
        let script = """
            import asyncio, ssl, sys, threading, websockets
            async def serve(socket, path):
                try: await answer(socket, path)
                except websockets.exceptions.ConnectionClosed: pass
            async def answer(socket, path):
                if path == "/binary": await socket.send(b'{"a":1}')
                if path == "/big": await socket.send("x" * (2 << 20))
                if path == "/many":
                    for number in range(5000): await socket.send(str(number))
                if path == "/bye": return await socket.close(4001, "enough")
                if path == "/cut": return socket.transport.abort()
                if path == "/pieces": await socket.send(["eins", "zwei", "drei"])
                async for message in socket: await socket.send(message)
            async def main():
                context = None
                if len(sys.argv) > 2:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(sys.argv[1], sys.argv[2])
                async def door(path, headers):
                    if path.startswith("/status/"): return __import__("http").HTTPStatus(int(path[8:])), [], b"no"
                async with websockets.serve(
                    serve, "127.0.0.1", 0, ssl=context, max_size=None, process_request=door) as server:
                    print(server.sockets[0].getsockname()[1], flush=True)
                    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
                    import os
                    os._exit(0)
            asyncio.run(main())
            """
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script] + [certificate, key].compactMap(\.self)
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != 10 {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            line += more
        }
        guard let port = Int(String(decoding: line, as: UTF8.self).dropLast()) else {
            throw CocoaError(.fileReadUnknown)
        }
        self.port = port
    }

    deinit {
        do { try input.fileHandleForWriting.close() } catch { process.terminate() }
        process.waitUntilExit()
    }
}
