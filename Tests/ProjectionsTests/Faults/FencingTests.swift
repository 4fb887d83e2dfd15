import Bus
import Core
import Glibc
import Postgres
import ProjectionsTestSupport
import Synchronization
import TestSupport
import Testing

@testable import Projections

/// P2: an owner that lost its partitions changes nothing, however late it wakes.
@Suite struct `An owner that lost its partitions` {
    /// Stopped at a step of a batch, its work done by a successor, then woken.
    @Test(arguments: [
        (0, "begun", 2), (0, "copied", 1), (0, "copied", 3), (1_000_000, "fetched", 2),
        (1_000_000, "sent", 2),
    ])
    func `is fenced when it wakes and changes nothing`(headRows: Int, moment: String, count: Int) async throws {
        let folder = TemporaryFolder(inMemory: true)
        let rig = try await Rig(log: JournalLog(folder.path))
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 100, count: 400)
        let child = try Child(projector: [
            "journal": folder.path, "db": rig.database.address, "head": "\(headRows)", "records": "50",
            "moment": moment, "count": "\(count)", "end": "stop",
        ])
        _ = try child.lines(upTo: "at ")
        // The child sleeps; whatever it holds in the database, its successor goes on.
        try await rig.catchUp(owner: "successor")
        try rig.checkMix("by the successor")
        let before = try rig.contents() + rig.epochs()
        child.signal(SIGCONT)
        let end = try child.lines().last ?? ""
        #expect(end.hasPrefix("ended: fenced") || end.hasPrefix("ended: ") && end.contains("TG001"), "\(end)")
        #expect(try rig.contents() + rig.epochs() == before)
        try await rig.append(&events, orders: 100, count: 100)
        try await rig.catchUp(owner: "successor")
        try rig.checkMix("after all")
        try await rig.checkAgainstCleanFold("after all")
        await rig.log.close()
    }

    /// Two are told to own the same: the later wins, and the earlier ends saying so.
    @Test(arguments: [0, 1_000_000]) func `ends and does not take them back`(headRows: Int) async throws {
        var rig = try await Rig()
        rig.limits.headRows = headRows
        rig.limits.maximumBatchRecords = 40
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 100, count: 300)
        let projector = rig.projector(Watcher(), owner: "0")
        let standing = try await projector.prepare(rig.projections).served
        var earlier = Task { try await projector.run(standing, partitions: Array(0..<12)) }
        for owner in 1...3 {
            try await eventually("an owner before \(owner)") {
                try rig.rows("SELECT DISTINCT owner FROM projection_checkpoints") == ["\(owner - 1)"]
            }
            let projector = rig.projector(Watcher(), owner: "\(owner)")
            let later = Task { try await projector.run(standing, partitions: Array(0..<12)) }
            try await eventually("owner \(owner)") {
                try rig.rows("SELECT DISTINCT owner FROM projection_checkpoints") == ["\(owner)"]
            }
            // The earlier one learns it at its next commit.
            try await rig.append(&events, orders: 100, count: 300)
            let end = await earlier.result
            #expect(throws: ProjectorFailure.self) { try end.get() }
            if case .failure(let failure as ProjectorFailure) = end { #expect(failure.isFenced) }
            earlier = later
        }
        try await rig.untilFolded()
        earlier.cancel()
        try await earlier.value
        #expect(try rig.rows("SELECT DISTINCT owner FROM projection_checkpoints") == ["3"])
        try rig.checkMix("after three more")
        try await rig.checkAgainstCleanFold("after three more")
    }

    /// The database was away for both: the one that was owner before does not take over again.
    @Test func `does not come back when its connection broke`() async throws {
        var rig = try await Rig()
        rig.lanes = 1
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 100, count: 300)
        let (first, watcher) = (rig.projector(Watcher(), owner: "first"), Watcher())
        let standing = try await first.prepare(rig.projections).served
        let earlier = Task { try await first.run(standing, partitions: Array(0..<12)) }
        try await rig.untilFolded()
        let second = rig.projector(watcher, owner: "second")
        let later = Task { try await second.run(standing, partitions: Array(0..<12)) }
        try await eventually("the second owner") {
            try rig.rows("SELECT DISTINCT owner FROM projection_checkpoints") == ["second"]
        }
        try rig.cutAllSessions()
        try await rig.append(&events, orders: 100, count: 300)
        let end = await earlier.result
        #expect(throws: ProjectorFailure.self) { try end.get() }
        try await rig.untilFolded()
        later.cancel()
        try await later.value
        #expect(try rig.rows("SELECT DISTINCT owner FROM projection_checkpoints") == ["second"])
        #expect(!watcher.notes.contains { $0.kind == .fenced })
        try await rig.checkAgainstCleanFold("after the cut")
    }

    /// One that wakes and lost its connection learns it at once, also while the new owner sleeps inside a transaction.
    @Test func `is told so though the new owner blocks it`() async throws {
        let rig = try await Rig()
        try await rig.catchUp()
        let unit = UnitName("order_mix", version: 1, partition: 0)
        let (first, second) = (try OpenSession(rig.settings), try OpenSession(rig.settings))
        let held = try #require(try first.acquire([unit], as: "first")[unit]?.epoch)
        _ = try second.acquire([unit], as: "second")
        try second.session.run("BEGIN; UPDATE projection_checkpoints SET commit_no = commit_no + 1")
        let again = try OpenSession(rig.settings)
        let error = #expect(throws: PostgresError.self) {
            _ = try again.acquire([unit], as: "first", holding: [unit: held])
        }
        #expect(error?.disposition == .fenced, "\(String(describing: error))")
        // Its backend was not ended either.
        try second.session.run("COMMIT")
    }

    /// The fence itself: a commit under an older epoch, and one from another position, both fail whole.
    @Test(arguments: [0, 1_000_000]) func `cannot commit a batch from elsewhere`(headRows: Int) async throws {
        var rig = try await Rig()
        rig.limits.headRows = headRows
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 20, count: 40)
        try await rig.catchUp()
        let writer = LaneWriter(rig.settings, limits: rig.limits, probe: WriteProbe())
        let unit = UnitName("order_mix", version: 1, partition: 0)
        let held = try #require(try await writer.acquire([unit], as: "writer", holding: [:]).first?.checkpoint)
        var table = TransitionTable<OrderMix.Step>(partition: 0, shape: TableShape(of: OrderMix.Step.self))
        var step = OrderMix.Step()
        step.offset = 1_000_000
        table.append(step)
        let rows = [
            UnitWrite.Table(
                shape: table.shape, physical: "mix_steps_v1", added: table.take().rows, merged: EncodedRows())
        ]
        func write(from old: Checkpoint) async throws {
            var new = old
            new.commit += 1
            new.vector[TopicPartition("torghut.control.v1", 0)] = FoldedVector.Place(next: 1_000)
            try await writer.write([UnitWrite(unit: unit, old: old, new: new, tables: rows, parked: [])])
        }
        let before = try rig.contents()
        var older = held
        older.epoch -= 1
        var elsewhere = held
        elsewhere.vector[TopicPartition("torghut.order-events.v1", 0)] = FoldedVector.Place(next: 0)
        for wrong in [older, elsewhere] {
            let error = await #expect(throws: PostgresError.self) { try await write(from: wrong) }
            #expect(error?.disposition == .fenced)
            #expect(try rig.contents() == before)
        }
        try await write(from: held)
        #expect(try rig.contents() != before)
        await writer.close()
    }
}

extension Rig {
    func epochs() throws -> [String] {
        try rows("SELECT projection, log_partition, epoch, commit_no, owner FROM projection_checkpoints ORDER BY 1, 2")
    }

    /// Ends every session of this database but the one that asks.
    func cutAllSessions() throws {
        _ = try rows(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
    }
}
