import Core
import ProjectionsTestSupport
import TestSupport
import Testing
import Wire

@testable import Projections

/// What one partition cannot take stops that partition, by name, and no other.
@Suite struct `A partition that cannot go on` {
    /// A row that Postgres refuses is our defect: the batch is taken apart until the culprit is found.
    @Test(arguments: [(2, 0), (2, 1_000_000), (12, 0)])
    func `because a row cannot be stored is named, and the others go on`(lanes: Int, headRows: Int) async throws {
        var rig = try await Rig()
        rig.lanes = lanes
        rig.limits.headRows = headRows
        try await rig.catchUp()
        _ = try rig.rows("ALTER TABLE mix_orders_v1 ADD CHECK (client_order_id <> 'order-7'); SELECT 1")
        var events = MixEvents(seed: Storm.seed)
        var encoder = EventEncoder()
        let key = try #require(encoder.record(try events.event(of: 7)).key)
        let partition = Murmur2Partitioner.partition(forKey: key, of: 12)
        try await rig.append(try (0..<12).map { try events.event(of: $0) })
        try await rig.haltsAlone(partition, saying: "23514", &events)
    }
}

extension Rig {
    /// Runs until all but one partition are folded, also what comes after the halt.
    func haltsAlone(_ partition: Int32, saying text: String, _ events: inout MixEvents) async throws {
        let watcher = Watcher()
        let projector = projector(watcher)
        let standing = try await projector.prepare(projections).served
        let running = Task { try await projector.run(standing, partitions: Array(0..<12)) }
        try await eventually("a halt: \(text)") { watcher.notes.contains { $0.kind == .halted } }
        // A partition that nobody has taken up yet could not be waited for.
        try await eventually("an owner of each partition") { try storedVectors().count == 12 }
        try await append(&events, orders: 300, count: 300)
        try await untilFolded(except: [partition])
        running.cancel()
        _ = await running.result
        let halts = watcher.notes.filter { $0.kind == .halted }
        #expect(halts.count == 1)
        #expect(halts.allSatisfy { $0.text.contains("order_mix v1/\(partition)") && $0.text.contains(text) })
        try checkRoots("one partition halted")
        #expect(try rows("SELECT count(DISTINCT log_partition) FROM mix_steps") == ["11"])
    }
}
