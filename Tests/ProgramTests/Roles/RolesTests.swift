import Foundation
import TestSupport
import Testing

/// P10: what a stopped process is seen as from outside, by another process that reads the log.
@Suite struct `The roles of running processes` {
    private func states(_ program: Program) async throws -> (status: Int32, byRole: [String: [String]]) {
        let output = try await program.run("roles", "--json")
        var found: [String: [String]] = [:]
        for line in output.lines {
            let row = try fields(line)
            let role = try #require(row["role"] as? String)
            found[role, default: []].append(try #require(row["state"] as? String))
        }
        return (output.status, found)
    }

    @Test func `are well, silent, well again, and ended`() async throws {
        let program = try Trading().program
        try await program.prepared()
        #expect(try await program.run("roles").status == 3)
        let running = try await RunningRoles(program, "commands,router,gates")
        let all = ["commands", "gates", "router"]
        try await eventually("three roles that work") {
            let seen = try await states(program)
            return seen.status == 0 && all.allSatisfy { seen.byRole[$0] == ["running"] }
        }
        running.signal(SIGSTOP)
        let stopped = ContinuousClock.now
        // The journal is still locked by the sleeper, and read all the same.
        try await eventually("roles of which nobody knows") {
            let seen = try await states(program)
            return seen.status == 3 && all.allSatisfy { seen.byRole[$0] == ["unknown"] }
        }
        // Three heartbeats of five seconds, and what a look takes.
        #expect(ContinuousClock.now - stopped < .seconds(25))
        running.signal(SIGCONT)
        try await eventually("roles that work again") {
            try await states(program).status == 0
        }
        #expect(try await running.stop() == 0)
        let ended = try await states(program)
        #expect(ended.status == 0)
        #expect(ended.byRole == ["commands": ["disabled"], "gates": ["disabled"], "router": ["disabled"]])
    }
}
