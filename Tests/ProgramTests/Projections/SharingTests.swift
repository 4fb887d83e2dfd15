import Foundation
import TestSupport
import Testing

@Suite struct `Projectors that share a Kafka topic` {
    /// P2: the owner of a partition may change at any time; every record is folded once.
    @Test func `hand partitions to each other, and fold every record once`() async throws {
        var ground = try await Projecting()
        let cluster = try Running(ground.program, "kafka", "dev")
        let address = try #require(cluster.line())
        ground.program.environment["TORGHUT_LOG"] = "kafka:\(address)"
        // The mock cluster rebalances when a session would have ended, and not before.
        ground.program.environment["TORGHUT_KAFKA_PROPS"] = "session.timeout.ms=3000;heartbeat.interval.ms=300"
        try await ground.append(Shadows.lines(0..<200))
        let first = try ground.start()
        try await ground.waitForSteps(200)
        let second = try ground.start()
        try await eventually("a share for each") {
            try ground.number("SELECT count(DISTINCT owner) FROM projection_checkpoints") == 2
        }
        try await ground.append(Shadows.lines(200..<300))
        try await ground.waitForSteps(300)
        #expect(try await first.stop() == 0)
        try await ground.append(Shadows.lines(300..<400))
        try await ground.waitForSteps(400)
        #expect(try ground.number("SELECT count(DISTINCT event_id) FROM \(Projecting.steps)") == 400)
        #expect(try await second.stop() == 0)
        cluster.signal(SIGTERM)
        #expect(try await cluster.process.finish() == 0)
    }
}
