import Foundation
import HTTPClient
import Synchronization
import TestSupport
import Testing

/// What takes a stop is there before anything that the other roles need.
@Suite struct `A process whose surroundings are away` {
    private static let reason = #"{"reason":"a drill"}"#

    @Test(arguments: ["the database", "the log"])
    func `answers from its start and takes a stop`(missing: String) async throws {
        var program = try Program(Ground())
        if missing == "the log" { program.environment["TORGHUT_LOG"] = "kafka:127.0.0.1:1" }
        let api = try await RunningAPI(
            program, roles: missing == "the log" ? "commands,gates,api" : "projections,api",
            address: "host=\(program.ground.folder) user=nobody dbname=none")
        #expect(try await api.curl("/healthz").status == 200)
        let killed = try await api.post("/trading/control/kill", Self.reason)
        #expect(killed.status == 200 && killed.body.contains("\"engaged\":true"), "\(killed)")
        #expect(FileManager.default.fileExists(atPath: program.ground.folder + "/.torghut/KILL"))
        let ready = try await api.curl("/readyz")
        #expect(ready.status == 503, "\(ready)")
        // Calls to a cluster that is away end by their own limits, which are longer than the one for ending.
        if missing == "the database" { #expect(try await api.roles.stop() == 0) }
    }

    @Test func `goes on while many ask for stories and the database takes their connections and is silent`()
        async throws
    {
        let hole = try BlackHole()
        let program = try Program(Ground())
        try await program.prepared()
        let api = try await RunningAPI(
            program, roles: "api", address: "host=127.0.0.1 port=\(hole.port) user=nobody dbname=none")
        let client = api.client
        let pool = HTTPPool(lanes: 1)
        let told = Told()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<8 {
                group.addTask {
                    defer { told.count.add(1, ordering: .relaxed) }
                    return try await client.curl("/trading/explain/none-\(number)").status
                }
            }
            var answers = 0
            while told.count.load(ordering: .relaxed) == 0 {
                let health = try await pool.exchange(HTTPRequest(.get, client.address + "/healthz")).result.get()
                #expect(health.status == 200)
                answers += 1
                try await Task.sleep(for: .milliseconds(50))
            }
            // One connection to the hole takes two seconds; this waited for none of them.
            #expect(answers >= 6)
            let killed = try await client.post("/trading/control/kill", Self.reason)
            #expect(killed.status == 200 && killed.body.contains("\"engaged\":true"), "\(killed)")
            for try await status in group { #expect(status == 404 || status == 503) }
        }
        #expect(try await api.roles.stop() == 0)
    }
}

/// How many were told a story, or that there is none.
private final class Told: Sendable {
    let count = Atomic(0)
}

/// A port of loopback that accepts connections and never says a word.
private final class BlackHole {
    private let socket: Int32
    private(set) var port: UInt16 = 0

    struct Fault: Error {}

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Safe: the address lives as long as each call.
        let made = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(socket, pointer, length) == 0 && listen(socket, 64) == 0
                    && getsockname(socket, pointer, &length) == 0
            }
        }
        guard made else { throw Fault() }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(socket) }
}
