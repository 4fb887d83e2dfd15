import Core
import Domain
import Postgres
import ProjectionsTestSupport
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Projections

/// P12: every limit is reached by a test.
@Suite struct `A projector's limit` {
    @Test func `of bytes ends a batch`() async throws {
        var rig = try await Rig()
        rig.lanes = 1
        var events = MixEvents(seed: Storm.seed)
        let told = try events.next(orders: 50, count: 400)
        var encoder = EventEncoder()
        let smallest = told.map { LogLimits.size(of: encoder.record($0)) }.min() ?? 0
        try await rig.append(told)
        // Without it one batch takes them all.
        let free = try Rig(beside: rig)
        #expect(try await free.catchUp().mostOffsets > 150)
        rig.limits.maximumBatchBytes = 8_000
        let bounded = try await rig.catchUp()
        // A batch ends with the read that reaches the limit, and a read has the same limit.
        #expect(bounded.mostOffsets <= Int64(2 * 8_000 / (smallest / 2)), "\(bounded.mostOffsets)")
        #expect(try rig.contents() == free.contents())
    }

    @Test func `of bytes at the head turns a small batch of large rows into copies`() async throws {
        var rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        let copies = Mutex(0)
        let probe = WriteProbe { moment in if moment == .copied { copies.withLock { $0 += 1 } } }
        try await rig.append(&events, orders: 50, count: 30)
        try await rig.catchUp(probe)
        #expect(copies.withLock { $0 } == 0)
        rig.limits.headBytes = 1_000
        try await rig.append(&events, orders: 50, count: 100)
        try await rig.catchUp(probe)
        #expect(copies.withLock { $0 } > 0)
        try rig.checkMix("both ways")
    }

    /// P12: the ring of kept roots has so many places, and the latest commits are in them.
    @Test func `of kept roots keeps those of the last commits`() async throws {
        var rig = try await Rig()
        rig.limits.keptRoots = 3
        var events = MixEvents(seed: Storm.seed)
        for _ in 0..<5 {
            try await rig.append(&events, orders: 50, count: 150)
            try await rig.catchUp()
        }
        #expect(
            try rig.rows(
                """
                SELECT DISTINCT count(*), max(kept.commit_no) = max(held.commit_no),
                    min(kept.commit_no) = max(held.commit_no) - 2,
                    count(*) FILTER (WHERE kept.vector::text = held.vector::text AND kept.root = held.root)
                FROM projection_roots kept JOIN projection_checkpoints held USING (projection, version, log_partition)
                WHERE held.commit_no > 3 GROUP BY log_partition
                """) == ["3|t|t|1"])
    }

    @Test func `of attempts and waits ends a promotion that a reader holds up, by name`() async throws {
        let rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 50, count: 200)
        try await rig.catchUp()
        var limits = rig.limits
        (limits.promoteAttempts, limits.promoteLockMilliseconds) = (3, 60)
        let rebuild = Rebuild(
            log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: limits)
        _ = try await rebuild.run(OrderMix.self)
        var reader = try rig.database.session()
        try reader.run("BEGIN; SELECT count(*) FROM mix_orders")
        let start = ContinuousClock.now
        let fault = await #expect(throws: RebuildFault.self) { try await rebuild.promote(OrderMix.self) }
        let took = ContinuousClock.now - start
        #expect(took >= .milliseconds(3 * 60))
        #expect(fault?.description.contains("pid \(reader.backendPID)") == true, "\(String(describing: fault))")
        #expect(try rig.rows("SELECT state FROM projection_versions ORDER BY version") == ["serving", "ready"])
        // One attempt that may wait long enough gets it.
        (limits.promoteAttempts, limits.promoteLockMilliseconds) = (1, 30_000)
        let patient = Rebuild(
            log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: limits)
        let promoting = Task { try await patient.promote(OrderMix.self) }
        try await eventually("a wait for the view") {
            try rig.rows("SELECT count(*) FROM pg_locks WHERE relation = 'mix_orders'::regclass AND NOT granted")
                == ["1"]
        }
        try reader.run("COMMIT")
        #expect(try await promoting.value.version == 2)
        #expect(try rig.rows("SELECT sum(steps) FROM mix_orders") == ["200"])
    }

    @Test func `of attempts counts tries`() async throws {
        let rig = try await Rig()
        try await rig.catchUp()
        var limits = rig.limits
        (limits.promoteAttempts, limits.promoteLockMilliseconds) = (0, 60)
        let rebuild = Rebuild(
            log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: limits)
        _ = try await rebuild.run(OrderMix.self)
        await #expect(throws: RebuildFault.self) { try await rebuild.promote(OrderMix.self) }
    }

    /// P12: memory is bounded however many rows there are, and however many were touched.
    @Test func `of findings and rows bounds a verification, which counts them all`() async throws {
        var rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 1_000, count: 2_000)
        let watcher = try await rig.catchUp()
        let standing = try await rig.projector(watcher).prepare([OrderMix.self]).served[0]
        _ = try rig.rows("UPDATE mix_steps SET status = 'lost' RETURNING 1")
        _ = try rig.rows(
            """
            UPDATE mix_orders SET status = 'lost'
            WHERE client_order_id IN (SELECT client_order_id FROM mix_orders ORDER BY 1 LIMIT 2) RETURNING 1
            """)
        (rig.limits.maximumFindings, rig.limits.maximumCachedRows, rig.limits.maximumBatchRecords) = (3, 10, 10)
        let report = try await Verification(
            log: rig.log, database: rig.settings, observer: watcher, limits: rig.limits
        ).run(standing)
        #expect(report.findingCount == 2_002)
        #expect(report.findings.count == 3)
        #expect(report.findings.map(\.table) == ["mix_orders_v1", "mix_orders_v1", "mix_steps_v1"])
        let retelling = try Retelling(
            of: standing,
            LaneContext(
                log: rig.log, database: rig.settings, limits: rig.limits, owner: "verify", probe: WriteProbe(),
                observer: watcher))
        let snapshot = try await retelling.look()
        #expect(snapshot.wrong == Array(0..<12))
        try await retelling.fold(to: snapshot.checkpoints.mapValues(\.vector))
        #expect(try await retelling.differences(limit: 1).1 == 2_002)
        // Of each partition ten, and those of its last batches.
        #expect(await retelling.mostHeldRows < 12 * (10 + 3 * 10))
    }
}

@Suite struct `A log that ends before what is served` {
    /// An archive, say: live keeps the roots of its last commits, and the rebuild stops at one that this log reaches.
    @Test func `proves the tables at a root that was kept`() async throws {
        let rig = try await Rig()
        let shorter = MemoryLog()
        try await shorter.create(TopicCatalog.specs)
        var events = MixEvents(seed: Storm.seed)
        let told = try events.next(orders: 100, count: 300)
        try await rig.append(told)
        var encoder = EventEncoder()
        try await shorter.writer(named: "copy").append(Append(told.map { encoder.record($0) }))
        try await rig.catchUp()
        try await rig.append(&events, orders: 100, count: 120)
        try await rig.catchUp()
        let rebuild = Rebuild(
            log: shorter, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: rig.limits)
        let outcome = try await rebuild.run(OrderMix.self)
        #expect(outcome.provedAgainst == 1)
        #expect(outcome.shortBy == 120)
        #expect(try rig.rows("SELECT sum(steps) FROM mix_orders_v2") == ["300"])
        _ = try await rebuild.drop(OrderMix.self)
        // What was kept is proved: another root there is refused.
        _ = try rig.rows("UPDATE projection_roots SET root = repeat('0', 32) RETURNING 1")
        await #expect(throws: RebuildFault.self) { try await rebuild.run(OrderMix.self) }
        _ = try await rebuild.drop(OrderMix.self)
        _ = try rig.rows("DELETE FROM projection_roots RETURNING 1")
        let fault = await #expect(throws: RebuildFault.self) { try await rebuild.run(OrderMix.self) }
        #expect(fault?.description.contains("this is not the log") == true)
    }
}
