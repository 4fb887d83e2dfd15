import Bus
import Core
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

/// P1, P4: a unit that stands where the log does not have what it folded goes nowhere, whoever else stands right.
@Suite struct `A vector that this log does not have` {
    /// All units read control; the one whose place in it is another is neither the first nor the slowest.
    private func misplace(_ rig: Rig, _ pattern: String, _ new: String) throws {
        let changed = try rig.rows(
            """
            UPDATE projection_checkpoints SET vector = regexp_replace(vector::text,
                '("torghut.control.v1/0":\\{\(pattern)', '\\1\(new)')::json
            WHERE log_partition = 5 RETURNING vector
            """)
        #expect(changed.count == 1)
    }

    private func folded(_ folder: TemporaryFolder) async throws -> Rig {
        var rig = try await Rig(log: JournalLog(folder.path))
        rig.lanes = 1
        var (events, words) = (MixEvents(seed: Storm.seed), Words(seed: 1))
        try await rig.append(&events, orders: 50, count: 200)
        let nobody = RecordPosition(TopicPartition("torghut.order-events.v1", 0), 1_000_000)
        try await rig.append([try words.event(.skip, about: nobody, of: "order_mix")])
        try await rig.catchUp()
        return rig
    }

    @Test(arguments: [
        (#""next":)[0-9]+"#, "999", "position 999 of torghut.control.v1/0"),
        (#"[^}]*"hash":")[0-9a-f]+"#, "1", "torghut.control.v1/0/0 is not the record"),
    ])
    func `halts its lane when it is taken over`(pattern: String, new: String, says: String) async throws {
        let folder = TemporaryFolder(inMemory: true)
        let rig = try await folded(folder)
        try misplace(rig, pattern, new)
        let watcher = Watcher()
        let projector = rig.projector(watcher)
        let standing = try await projector.prepare(rig.projections).served
        let running = Task { try await projector.run(standing, partitions: Array(0..<12)) }
        try await eventually("a halt", within: .seconds(10)) { watcher.notes.contains { $0.kind == .halted } }
        running.cancel()
        _ = await running.result
        #expect(watcher.notes.contains { $0.text.contains(says) }, "\(watcher.notes.map(\.text))")
        await rig.log.close()
    }

    @Test func `refuses a rebuild`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let rig = try await folded(folder)
        let rebuild = Rebuild(
            log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: rig.limits)
        #expect(try await rebuild.run(OrderMix.self).provedAgainst == 1)
        _ = try await rebuild.drop(OrderMix.self)
        try misplace(rig, #"[^}]*"hash":")[0-9a-f]+"#, "1")
        let error = await #expect(throws: LogError.self) { try await rebuild.run(OrderMix.self) }
        #expect(error?.description.contains("torghut.control.v1/0/0") == true, "\(String(describing: error))")
        await rig.log.close()
    }
}
