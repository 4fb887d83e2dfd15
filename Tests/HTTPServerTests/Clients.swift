import Foundation
import HTTPServer
import TestSupport

/// Clients of other makes: curl, and sockets of Python's.
enum Clients {
    static func curl(_ arguments: String...) async throws -> Judge.Verdict {
        try await aside { try Judge.run("curl", ["-sS", "--max-time", "90"] + arguments) }
    }

    /// Runs a script that finds `connect()`, which gives a socket to the server.
    static func python(_ server: HTTPServer, _ script: String) async throws -> Judge.Verdict {
        let port = server.port
        let head = """
            import os, resource, socket, sys, time
            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            def connect():
                s = socket.create_connection(("127.0.0.1", \(port)), 5)
                s.settimeout(60)
                return s
            def rest(s):
                answer = b""
                try:
                    while True:
                        more = s.recv(65536)
                        if not more: return answer
                        answer += more
                except ConnectionError: return answer

            """
        return try await aside { try Judge.python(head + script) }
    }

    /// Looks again and again until it is so; false when it took too long.
    static func soon(_ condition: () -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }
}
