import Foundation
import TestSupport
import Testing

@Suite struct `A kill over the API when the latch cannot be made` {
    /// A name that is taken by a link to nowhere can be neither made nor written to, whoever tries.
    @Test func `rings, records, and says that it is not complete`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let folder = program.ground.folder
        let api = try await RunningAPI(program, roles: "api", address: "host=\(folder) user=nobody dbname=none")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/.torghut/KILL", withDestinationPath: "\(folder)/nowhere/KILL")
        let killed = try await api.post("/trading/control/kill", #"{"reason":"no latch"}"#)
        try #require(killed.status == 200, "\(killed)")
        let said = try fields(killed.body)
        #expect(said["durable"] as? Bool == false && said["complete"] as? Bool == false, "\(killed)")
        #expect((said["reached"] as? [String])?.isEmpty == false && said["recorded_at"] is String, "\(killed)")
        let read = try await program.run("log", "read", "--topic", "torghut.control.v1", "--values")
        #expect(
            read.lines.contains { $0.contains("control.kill_switch_engaged") && $0.contains("no latch") },
            "\(read.text)")
        #expect(try api.roles.text().contains("kill_latch_not_made"))
        #expect(try await api.roles.stop() == 0)
    }
}
