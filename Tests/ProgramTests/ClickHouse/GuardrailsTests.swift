import Foundation
import HTTPClient
import TestSupport
import Testing

/// What a process's metrics say of ClickHouse.
enum Guardrails {
    static let prefix = "torghut_clickhouse_guardrails_"

    static func scrape(_ roles: RunningRoles) async throws -> [String: Double] {
        let pool = HTTPPool(lanes: 1, limits: HTTPLimits(maximumResponseBytes: 16 << 20))
        let response = try await pool.exchange(HTTPRequest(.get, roles.address + "/metrics")).result.get()
        try #require(response.status == 200)
        let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\n")
        return lines.filter { $0.hasPrefix(prefix) }.reduce(into: [:]) { found, line in
            guard let space = line.lastIndex(of: " ") else { return }
            found[String(line[..<space].dropFirst(prefix.count))] = Double(line[space...].dropFirst())
        }
    }

    /// A scrape behind the first in which a series has that value.
    static func seen(by roles: RunningRoles, _ name: String, _ value: Double) async throws -> [String: Double] {
        try await eventually("\(name) \(value)") { try await scrape(roles)[name] == value }
        // A scrape that began before the look was over may have the one and not yet the other.
        return try await scrape(roles)
    }
}

@Suite struct `Metrics of ClickHouse` {
    /// A server with two replicas by name, of which the second is not there; what a query gets is said by a word in it.
    private static func server(_ answers: [String: String]) throws -> LineProgram {
        let words = answers.map { "\($0.key.debugDescription): \($0.value.debugDescription)" }.joined(separator: ", ")
        return try LineProgram(
            """
            import http.server, sys, threading, time, urllib.parse
            answers = {\(words)}
            class Answer(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["query"][0]
                    body = next((told for word, told in answers.items() if word in query), "")
                    if body == "hang":
                        time.sleep(90)
                    status = 500 if body == "fail" else 200
                    self.send_response(status)
                    if status == 500:
                        self.send_header("X-ClickHouse-Exception-Code", "241")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body.encode())
                def log_message(self, *arguments):
                    pass
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            print(server.server_address[1], flush=True)
            sys.stdin.read()
            """)
    }

    private static let usual = [
        "system.clusters": "127.0.0.1\n127.0.0.2\n", "system.disks": "100\t400\n", "system.replicas": "1\n",
        "system.parts": "ta_signals\t1770878000\nroute_log\t1770878100\n", "name = 'ta_signals'": "1\n",
        "name = 'ta_microbars'": "0\n", "max(event_ts)": "1770878001.5\n",
    ]

    /// A process that is told of a ClickHouse; its ground has to outlive it.
    private func started(
        _ url: String, _ more: [String: String] = [:]
    ) async throws -> (program: Program, roles: RunningRoles) {
        var program = try Program(Ground())
        try await program.prepared()
        program.environment["CLICKHOUSE_URL"] = url
        program.environment["CLICKHOUSE_SCRAPE_INTERVAL_SECONDS"] = "1"
        program.environment.merge(more) { $1 }
        return (program, try await RunningRoles(program, "gates"))
    }

    @Test func `tell each replica, and which one is away`() async throws {
        let server = try Self.server(Self.usual)
        let (program, roles) = try await started("http://127.0.0.1:\(server.line)")
        defer { withExtendedLifetime(program) {} }
        let seen = try await Guardrails.seen(by: roles, "last_scrape_success", 0)
        #expect(seen["clickhouse_up{replica=\"127.0.0.1\"}"] == 1 && seen["clickhouse_up{replica=\"127.0.0.2\"}"] == 0)
        #expect(seen["disk_free_ratio{replica=\"127.0.0.1\"}"] == 0.25)
        #expect(seen["disk_free_ratio{replica=\"127.0.0.2\"}"] == nil)
        #expect(seen["any_replica_readonly"] == 1)
        #expect(seen["ta_signals_max_event_ts_seconds"] == 1_770_878_001.5)
        // A table that is not there has no age.
        #expect(seen["ta_microbars_max_window_end_seconds"] == nil)
        #expect(seen["table_max_event_ts_seconds{table=\"route_log\"}"] == 1_770_878_100)
        #expect(seen["freshness_low_memory_mode{replica=\"127.0.0.1\",table=\"ta_signals\"}"] == 0)
        #expect(try roles.text().contains("127.0.0.2: no answer"))
        #expect(try await roles.stop() == 0)
    }

    @Test func `find the newest row by the parts where a query fails, and count it`() async throws {
        var answers = Self.usual
        answers["system.clusters"] = ""
        answers["max(event_ts)"] = "fail"
        let server = try Self.server(answers)
        let (program, roles) = try await started("http://127.0.0.1:\(server.line)")
        let seen = try await Guardrails.seen(by: roles, "last_scrape_success", 1)
        #expect(seen["ta_signals_max_event_ts_seconds"] == 1_770_878_000)
        #expect((seen["freshness_fallback_total{table=\"ta_signals\"}"] ?? 0) >= 1)
        #expect(seen["freshness_low_memory_mode{replica=\"127.0.0.1\",table=\"ta_signals\"}"] == 1)
        #expect(try await roles.stop() == 0)
        // Who wants the query and nothing else is told that it failed, and no age.
        let (other, precise) = try await started(
            "http://127.0.0.1:\(server.line)", ["CLICKHOUSE_FRESHNESS_QUERY_MODE": "precise"])
        defer { withExtendedLifetime((program, other)) {} }
        let told = try await Guardrails.seen(by: precise, "last_scrape_success", 0)
        #expect(told["ta_signals_max_event_ts_seconds"] == nil)
        #expect(try precise.text().contains("status 500, code 241"))
        #expect(try await precise.stop() == 0)
    }

    /// Metrics are read while ClickHouse hangs, and nobody waits for it, not even at the end.
    @Test func `wait for nobody, and forget what they saw when nobody answers any more`() async throws {
        let server = try Self.server(["system.clusters": "hang"])
        let (waiting, patient) = try await started(
            "http://127.0.0.1:\(server.line)", ["CLICKHOUSE_TIMEOUT_SECONDS": "60"])
        // The first look hangs all the while.
        for _ in 0..<10 { #expect(try await Guardrails.scrape(patient)["last_scrape_success"] == nil) }
        #expect(try await patient.stop() == 0)
        let (program, roles) = try await started("http://127.0.0.1:\(server.line)", ["CLICKHOUSE_TIMEOUT_SECONDS": "1"])
        defer { withExtendedLifetime((waiting, program)) {} }
        let seen = try await Guardrails.seen(by: roles, "last_scrape_success", 0)
        #expect(seen["clickhouse_up{replica=\"127.0.0.1\"}"] == 0)
        #expect(seen.keys.filter { $0.hasPrefix("ta_") || $0.hasPrefix("disk_") }.isEmpty, "\(seen)")
        #expect(try await roles.stop() == 0)
    }

    @Test func `have no series where nobody named a ClickHouse, and refuse what cannot be read`() async throws {
        var program = try Program(Ground())
        try await program.prepared()
        let roles = try await RunningRoles(program, "gates")
        #expect(try await Guardrails.scrape(roles).isEmpty)
        #expect(try await roles.stop() == 0)
        program.environment = [
            "CLICKHOUSE_URL": "clickhouse:8123", "CLICKHOUSE_DATABASE": "a'b", "CLICKHOUSE_PORT": "0",
            "CLICKHOUSE_FRESHNESS_QUERY_MODE": "fast", "CLICKHOUSE_PLAIN_HTTP": "perhaps",
            "CLICKHOUSE_SCRAPE_INTERVAL_SECONDS": "often",
        ]
        let refused = try await program.run("run", "--roles", "gates")
        #expect(refused.status == 2)
        for name in program.environment.keys { #expect(refused.err.contains(name), "\(name): \(refused.err)") }
        // Nothing goes out in the open because an address was written in the open.
        program.environment = ["CLICKHOUSE_URL": "http://192.0.2.1:8123"]
        let open = try await program.run("run", "--roles", "gates")
        #expect(open.status == 2 && open.err.contains("plain http to 192.0.2.1 is not allowed"), "\(open.err)")
        #expect(open.err.contains("CLICKHOUSE_PLAIN_HTTP=true allows it"), "\(open.err)")
        // What is refused is not repeated: it may hold a password.
        for url in ["http://user:hidden@ch:8123", "http://ch:8123/?password=hidden"] {
            program.environment = ["CLICKHOUSE_URL": url]
            for command in [["run", "--roles", "gates"], ["downstream", "verify"]] {
                let said = try await program.run(command)
                #expect(said.status == 2 && said.err.contains("CLICKHOUSE_URL"), "\(said.err)")
                #expect(!(said.err + said.text).contains("hidden"), "\(command)")
            }
        }
    }
}
