import Foundation
import TestSupport
import Testing

@Suite struct `The API under bad input` {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "bad_input.py")
        .path

    /// Every parameter, field, body and token that its own document forbids, on every route.
    @Test func `refuses with a problem what its document does not allow, and nothing of it is done`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let api = try await RunningAPI(
            program, roles: "api", address: "host=\(program.ground.folder) user=nobody dbname=none")
        let address = api.address
        let verdict = try await aside {
            try Judge.run(
                "/usr/bin/python3", [Self.script, address, RunningAPI.trader, RunningAPI.lookers, RunningAPI.late])
        }
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
        let count = verdict.lines.first.flatMap { Int($0.prefix { $0 != " " }) } ?? 0
        #expect(count > 2_000, "\(verdict.output)")
        // No refused request left an event, or the latch.
        for topic in ["torghut.control.v1", "torghut.decisions.v1", "torghut.lean.backtests.v1"] {
            let read = try await program.run("log", "read", "--topic", topic)
            #expect(read.status == 0 && read.lines.isEmpty, "\(read.text)")
        }
        #expect(!FileManager.default.fileExists(atPath: program.ground.folder + "/.torghut/KILL"))
        let said = try api.roles.text()
        for token in [RunningAPI.trader, RunningAPI.lookers, RunningAPI.late] { #expect(!said.contains(token)) }
        #expect(try await api.roles.stop() == 0)
    }
}
