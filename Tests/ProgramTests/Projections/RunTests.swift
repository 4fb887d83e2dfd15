import Foundation
import TestSupport
import Testing

@Suite struct `Running the projections role` {
    /// P1, P10: what is appended is seen in psql; what is in hand at the end is committed.
    @Test func `folds what is appended until it is told to stop, and status says how far it is`() async throws {
        let ground = try await Projecting()
        let projector = try ground.start("--metrics-file", "metrics")
        try await eventually("topics") { try await ground.program.run("topics", "verify").status == 0 }
        try await ground.append(Shadows.lines(0..<400))
        try await ground.waitForSteps(400)
        try await ground.waitUntilFolded()
        let running = try await ground.status()
        #expect(running.code == 0 && running.units.count == Projecting.units, "\(running.says)")
        #expect(running.says.hasPrefix("ok: 85 partitions, everything is folded"))
        for unit in running.units {
            #expect(unit["owner_connected"] as? Bool == true && unit["verdict"] as? String == "idle")
            #expect((unit["root"] as? String)?.utf8.count == 32)
        }
        let folded = running.units.flatMap { $0["inputs"] as? [[String: any Sendable]] ?? [] }
        #expect(folded.allSatisfy { $0["folded"] as? Int == $0["end"] as? Int })
        #expect(try await projector.stop() == 0)
        let said = try projector.text()
        #expect(said.contains(#""event":"stopped""#), "\(said)")
        let metrics = try String(contentsOfFile: ground.program.ground.folder + "/metrics", encoding: .utf8)
        #expect(metrics.contains(#"torghut_projection_commits_total{projection="\#(Projecting.projection)""#))
        #expect(metrics.contains(#"torghut_role_last_progress_seconds{role="projections"}"#))

        let idle = try await ground.status()
        #expect(idle.code == 0 && idle.units.allSatisfy { $0["owner_connected"] as? Bool == false }, "\(idle.says)")
        try await ground.append(Shadows.lines(400..<410))
        let dead = try await ground.status()
        #expect(dead.code == 3 && dead.says.contains("nobody moves them"), "\(dead.says)")
        // What an alarm asks of each partition.
        for unit in dead.units {
            let isBehind = unit["lag"] as? Int != 0
            #expect((unit["oldest_unfolded_age_s"] as? Int != nil) == isBehind, "\(unit)")
            for name in ["owner", "epoch", "last_commit", "root", "parked", "inputs"] {
                #expect(unit[name] != nil, "\(name) of \(unit)")
            }
        }
        let table = try await ground.program.run("projections", "status")
        #expect(table.status == 3 && table.text.contains("is gone"), "\(table.text)\(table.err)")
        #expect(table.lines.last?.hasPrefix("no: ") == true)
    }

    /// P2: killed at any moment, nothing is lost and nothing counts twice.
    @Test func `goes on after kill -9 where its last commit was`() async throws {
        let ground = try await Projecting()
        try await ground.program.prepared()
        try await ground.append(Shadows.lines(0..<3_000))
        for number in 1...3 {
            let projector = try ground.start()
            try await eventually("a commit") {
                try ground.exists("projection_checkpoints")
                    && ground.number("SELECT coalesce(sum(commit_no), 0) FROM projection_checkpoints") >= Int64(number)
            }
            projector.signal(SIGKILL)
            _ = try await projector.process.finish()
            try await ground.append(Shadows.lines((3_000 + number * 100)..<(3_100 + number * 100)))
        }
        let projector = try ground.start()
        try await ground.waitForSteps(3_300)
        #expect(try ground.number("SELECT count(DISTINCT event_id) FROM \(Projecting.steps)") == 3_300)
        try await ground.waitUntilFolded()
        #expect(try await ground.status().code == 0)
        #expect(try await projector.stop() == 0)
    }

    /// P2, P10: of two owners the later one folds; the earlier one names it.
    @Test func `gives way to a later owner and names it`() async throws {
        let ground = try await Projecting()
        let first = try ground.start()
        try await eventually("an owner") {
            let units = try await ground.status().units
            return units.count == Projecting.units && units.allSatisfy { $0["owner_connected"] as? Bool == true }
        }
        let second = try ground.start()
        try await eventually("a take-over") {
            try ground.number("SELECT count(*) FROM projection_checkpoints WHERE epoch = 2") == 85
        }
        try await ground.append(Shadows.lines(0..<100))
        #expect(try await first.process.finish() == 1)
        let said = try first.text()
        #expect(said.contains("projection_evicted") && said.contains("torghut: evicted: "), "\(said)")
        #expect(said.contains("/\(second.process.processIdentifier)@"), "\(said)")
        try await ground.waitForSteps(100)
        #expect(try await second.stop() == 0)
    }

    /// P10: behind with an owner who had no time yet is no alarm; its rows come when it may go on.
    @Test func `is not called stuck while it merely lags`() async throws {
        let ground = try await Projecting()
        try await ground.program.prepared()
        let holder = try Running(ground.program, "log", "append", "--topic", Projecting.topic)
        try holder.write(Shadows.line(0, symbol: "A") + "\n")
        #expect(holder.line() != nil)
        let projector = try ground.start()
        try await ground.waitForSteps(1)
        projector.signal(SIGSTOP)
        try holder.write(Shadows.line(1, symbol: "A") + "\n")
        #expect(holder.line() != nil)
        let lagging = try await ground.status()
        #expect(
            lagging.code == 0 && lagging.says.hasPrefix("ok: 1 of 85 partitions are behind by 1"), "\(lagging.says)")
        projector.signal(SIGCONT)
        try await ground.waitForSteps(2)
        #expect(try await projector.stop() == 0)
        try holder.endInput()
        #expect(try await holder.process.finish() == 0)
    }

    @Test func `refuses unknown roles and missing settings, all at once`() async throws {
        var program = try Program(Ground())
        let refused = try await program.run("run", "--roles", "projections,seer,oracle")
        #expect(refused.status == 2, "\(refused.err)")
        for part in ["unknown role 'seer'", "unknown role 'oracle'", "role projections: TORGHUT_DB_DSN is not set"] {
            #expect(refused.err.contains(part), "\(part): \(refused.err)")
        }
        #expect(!FileManager.default.fileExists(atPath: program.ground.folder + "/.torghut"))
        #expect(try await program.run("projections", "status").err.contains("TORGHUT_DB_DSN is not set"))
        program.environment = ["TORGHUT_DB_DSN": "postgresql://x@127.0.0.1:1/x", "TORGHUT_HOME": "/nowhere"]
        let lost = try await program.run("run", "--roles", "projections")
        #expect(lost.status == 2 && lost.err.contains("schemas/sql was not found"), "\(lost.err)")
    }

    @Test func `status names the side that cannot be asked`() async throws {
        var program = try Program(Ground())
        try await program.prepared()
        program.environment = ["TORGHUT_DB_DSN": "postgresql://x@127.0.0.1:1/x"]
        let noDatabase = try await program.run("projections", "status")
        #expect(noDatabase.status == 1 && noDatabase.err.contains("Postgres cannot be asked"), "\(noDatabase.err)")
        #expect(!noDatabase.err.contains("the log cannot be asked"))
    }
}
