import Foundation
import TestSupport
import Testing

@Suite struct `ClickHouse beside us` {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy").standardizedFileURL.path
    private static let seed: UInt64 = 10

    /// The lives of some orders with everything that happens beside them, and a morning of the canary.
    private static let day = StoryTeller(StoryTeller.Settings(seed: seed, orders: 600, symbols: 6, open: 30))

    @Test func `has the tables that the schemas of the events come to`() throws {
        let verdict = try Judge.run("/usr/bin/python3", ["-B", Self.folder + "/clickhouse/ddl.py", "--check"])
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
    }

    /// The engine judges; what it finds is on standard error, one line for each part.
    ///
    /// Afterwards it answers over HTTP, and our own metrics are held against it.
    @Test func `says of a day what Postgres says, and our metrics say how it is`() async throws {
        let projecting = try await Projecting()
        let program = projecting.program
        try await program.prepared()
        try await program.tell(Self.day)
        try await program.tell(try GateDay.events())
        let projector = try projecting.start()
        try await projecting.waitUntilFolded()
        #expect(try await projector.stop() == 0)
        let arguments = [
            Self.folder + "/check-clickhouse.sh", "--program", Program.path, "--folder", program.ground.folder, "--dsn",
            projecting.database.address, "--every-kind", "--serve",
        ]
        let engine = try LineProgram("import os; os.execvp('bash', ['bash', *\(arguments)])")
        try #require(engine.line.hasPrefix("http://127.0.0.1:"), "seed \(Self.seed): \(engine.line)")
        try await watch(program, engine.line)
    }

    /// The figures of a process that was told where ClickHouse is.
    private func watch(_ program: Program, _ address: String) async throws {
        var program = program
        program.environment["CLICKHOUSE_URL"] = address
        program.environment["CLICKHOUSE_USER"] = "reader"
        program.environment["CLICKHOUSE_PASSWORD"] = "let me in"
        program.environment["CLICKHOUSE_SCRAPE_INTERVAL_SECONDS"] = "1"
        let roles = try await RunningRoles(program, "gates")
        let seen = try await Guardrails.seen(by: roles, "last_scrape_success", 1)
        #expect(seen["clickhouse_up{replica=\"127.0.0.1\"}"] == 1)
        let ratio = try #require(seen["disk_free_ratio{replica=\"127.0.0.1\"}"])
        #expect(ratio > 0 && ratio < 1)
        #expect(seen["any_replica_readonly"] == 0)
        let now = Date().timeIntervalSince1970
        for name in ["ta_signals_max_event_ts_seconds", "ta_microbars_max_window_end_seconds"] {
            #expect(abs(now - (seen[name] ?? 0)) < 600, "\(name): \(seen)")
        }
        for table in ["decisions", "route", "order_events", "lean_shadow", "lean_canary", "control"] {
            // The day is of 2026-02-12.
            let newest = seen["table_max_event_ts_seconds{table=\"\(table)_log\"}"] ?? 0
            #expect(newest > 1_770_800_000 && newest < 1_771_800_000, "\(table): \(newest)")
        }
        #expect(try !roles.text().contains("let me in"))
        #expect(try await roles.stop() == 0)
    }
}
