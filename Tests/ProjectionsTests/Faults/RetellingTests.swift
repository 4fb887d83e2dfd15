import Postgres
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

@Suite struct `A verification that tells the log again` {
    /// Its tables are empty when it makes its plans, and plans are kept.
    @Test func `finds rows by their keys, however many there are`() async throws {
        var rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 400, count: 2_000)
        let watcher = try await rig.catchUp()
        let standing = try await rig.projector(watcher).prepare([OrderMix.self]).served[0]
        _ = try rig.rows("UPDATE mix_orders SET status = 'lost' RETURNING 1")
        (rig.limits.maximumCachedRows, rig.limits.maximumBatchRecords) = (10, 50)
        let retelling = try Retelling(
            of: standing,
            LaneContext(
                log: rig.log, database: rig.settings, limits: rig.limits, owner: "verify", probe: WriteProbe(),
                observer: watcher))
        let snapshot = try await retelling.look()
        try await retelling.fold(to: snapshot.checkpoints.mapValues(\.vector))
        let (whole, byKey) = try await retelling.scans(of: "mix_orders_v1")
        #expect(byKey > 100)
        // Once, when its key was made.
        #expect(whole <= 1, "\(whole) times every row was read")
        let orders = try rig.rows("SELECT count(*) FROM mix_orders")
        #expect(try await retelling.differences(limit: 1).1 == Int(orders[0]))
    }
}

extension Retelling {
    /// How often its table of this name was read as a whole, and how often by its key.
    fileprivate func scans(of table: String) throws -> (whole: Int64, byKey: Int64) {
        try open.session.run("SELECT pg_stat_force_next_flush()")
        let found = try open.session.query(
            .sql(
                """
                SELECT seq_scan, idx_scan FROM pg_stat_all_tables
                WHERE relname = '\(table)' AND schemaname LIKE 'pg_temp%'
                """)
        ).rows
        return (found.integer(0, 0) ?? -1, found.integer(0, 1) ?? -1)
    }
}
