import Foundation
import Testing

@Suite struct `Proving what was folded` {
    /// P4: an edited row is named, and a rebuild beside the running projector mends it.
    @Test func `names a row that was edited, and a rebuilt version takes its place while events come`() async throws {
        let ground = try await Projecting()
        try await ground.program.prepared()
        try await ground.append(Shadows.lines(0..<200))
        let projector = try ground.start()
        try await ground.waitForSteps(200)
        try await ground.waitUntilFolded()
        let good = try await ground.program.run("projections", "verify")
        #expect(good.status == 0 && good.lines.last == "ok: 13 projections", "\(good.text)\(good.err)")
        let rebuilt = try await ground.program.run("projections", "rebuild", "--all")
        #expect(rebuilt.status == 0 && rebuilt.lines.count == 14, "\(rebuilt.text)\(rebuilt.err)")
        let promoted = try await ground.program.run("projections", "promote", "--all")
        #expect(promoted.status == 0 && promoted.lines.count == 14, "\(promoted.text)\(promoted.err)")
        try await ground.append(Shadows.lines(200..<300))
        try await ground.waitForSteps(300)
        #expect(projector.process.isRunning)
        let back = try await ground.program.run("projections", "rollback", Projecting.projection)
        #expect(back.status == 0, "\(back.err)")
        try await ground.waitForSteps(300)
        try await ground.append(Shadows.lines(300..<310))
        try await ground.waitForSteps(310)
        try ground.run(
            "UPDATE lean_execution_shadow_events_v1 SET http_status = 500 WHERE log_offset = 0 AND symbol = 'S1'")
        let edited = try await ground.program.run("projections", "verify", Projecting.projection)
        #expect(edited.status == 3 && edited.text.contains("http_status"), "\(edited.text)\(edited.err)")
        #expect(edited.text.contains("edited") && edited.text.contains("no: "), "\(edited.text)")
        #expect(try await projector.stop() == 0)
        let dropped = try await ground.program.run("projections", "drop", "--all")
        #expect(dropped.status == 0 && dropped.lines.count == 14, "\(dropped.text)\(dropped.err)")
    }
}
