import Core
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

@Suite struct `Rebuilding a projection` {
    /// P4: the same log gives the same rows, and readers only ever see a version that was proved.
    @Test func `reaches the same root and takes over`() async throws {
        let rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(try events.next(orders: 300, count: 5_000))
        try await rig.catchUp()
        let rebuild = Rebuild(
            log: rig.log, database: rig.database.settings, owner: "rebuild", observer: Watcher())
        let outcome = try await rebuild.run(OrderMix.self)
        #expect(outcome.version == 2)
        #expect(outcome.provedAgainst == 1)
        for table in ["mix_steps", "mix_orders"] {
            let difference = try rig.rows(
                """
                SELECT count(*) FROM (SELECT * FROM \(table)_v1 EXCEPT SELECT * FROM \(table)_v2) d
                UNION ALL SELECT count(*) FROM (SELECT * FROM \(table)_v2 EXCEPT SELECT * FROM \(table)_v1) d
                """)
            #expect(difference == ["0", "0"])
        }
        try await rig.append(try events.next(orders: 300, count: 1_000))
        try await rig.catchUp()
        #expect(try await rebuild.promote(OrderMix.self).version == 2)
        #expect(try rig.rows("SELECT sum(steps) FROM mix_orders") == ["6000"])
        try await rig.append(try events.next(orders: 300, count: 500))
        try await rig.catchUp()
        #expect(try rig.rows("SELECT sum(steps) FROM mix_orders") == ["6500"])
        #expect(try await rebuild.rollBack(OrderMix.self).version == 1)
        #expect(try rig.rows("SELECT sum(steps) FROM mix_orders") == ["6500"])
        #expect(try await rebuild.drop(OrderMix.self).map(\.version) == [2])
        #expect(try rig.rows("SELECT version, state FROM projection_versions") == ["1|serving"])
    }

    @Test func `goes on as if live when memory has its fill`() async throws {
        let rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(try events.next(orders: 900, count: 5_000))
        try await rig.catchUp()
        var limits = ProjectionLimits()
        limits.maximumRebuildRows = 100
        limits.maximumBatchRecords = 300
        let rebuild = Rebuild(
            log: rig.log, database: rig.database.settings, owner: "rebuild", observer: Watcher(), limits: limits)
        #expect(try await rebuild.run(OrderMix.self).provedAgainst == 1)
    }

    @Test func `refuses a root that differs`() async throws {
        let rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(try events.next(orders: 30, count: 500))
        try await rig.catchUp()
        _ = try rig.rows("UPDATE projection_checkpoints SET root = repeat('0', 32) WHERE log_partition = 3")
        let rebuild = Rebuild(
            log: rig.log, database: rig.database.settings, owner: "rebuild", observer: Watcher())
        await #expect(throws: RebuildFault.self) { try await rebuild.run(OrderMix.self) }
        #expect(
            try rig.rows("SELECT version, state FROM projection_versions ORDER BY 1") == ["1|serving", "2|building"])
    }
}

@Suite struct `Verifying a projection` {
    @Test func `names every row that was touched by hand`() async throws {
        let rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(try events.next(orders: 300, count: 3_000))
        let watcher = try await rig.catchUp()
        let standing = try await rig.projector(watcher).prepare([OrderMix.self]).served[0]
        let verification = Verification(log: rig.log, database: rig.database.settings, observer: watcher)
        let clean = try await verification.run(standing)
        #expect(clean.wrong.isEmpty)
        #expect(clean.rows > 3_000)
        _ = try rig.rows("UPDATE mix_orders SET status = 'lost' WHERE client_order_id = 'order-7'")
        _ = try rig.rows("DELETE FROM mix_orders WHERE client_order_id = 'order-8'")
        _ = try rig.rows(
            """
            INSERT INTO mix_orders SELECT log_partition, 'order-x', symbol, status, filled_qty, avg_fill_price, steps,
                updated_at FROM mix_orders WHERE client_order_id = 'order-9'
            """)
        _ = try rig.rows(
            "DELETE FROM mix_steps WHERE (log_partition, log_offset) IN (SELECT log_partition, max(log_offset)"
                + " FROM mix_steps WHERE client_order_id = 'order-10' GROUP BY 1)")
        let report = try await verification.run(standing)
        let found = report.findings.map { "\($0.table) \($0.kind) \($0.key.split(separator: ",")[0]) \($0.columns)" }
        #expect(report.findingCount == 4)
        #expect(found.contains("mix_orders_v1 edited client_order_id=order-7 [\"status\"]"))
        #expect(found.contains("mix_orders_v1 missing client_order_id=order-8 []"))
        #expect(found.contains("mix_orders_v1 surplus client_order_id=order-x []"))
        #expect(found.contains { $0.hasPrefix("mix_steps_v1 missing") })
    }
}
