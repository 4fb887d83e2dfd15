import Core
import TestSupport
import Testing

@testable import Projections

@Suite struct `Folding into Postgres` {
    /// P2: every record once, by either way of writing.
    @Test(arguments: [10, 1_000_000]) func `writes each record once`(headRows: Int) async throws {
        var rig = try await Rig()
        rig.limits.headRows = headRows
        rig.limits.maximumBatchRecords = 700
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(try events.next(orders: 300, count: 5_000))
        try await rig.catchUp()
        #expect(try rig.rows("SELECT count(*), count(DISTINCT event_id) FROM mix_steps") == ["5000|5000"])
        #expect(try rig.rows("SELECT sum(steps) FROM mix_orders") == ["5000"])
        #expect(
            try rig.rows(
                """
                SELECT count(*) FROM mix_orders o JOIN LATERAL (
                    SELECT * FROM mix_steps s WHERE s.client_order_id = o.client_order_id
                    ORDER BY s.log_offset DESC LIMIT 1) s ON true
                WHERE (s.status, s.filled_qty, s.avg_fill_price, s.event_ts)
                    IS DISTINCT FROM (o.status, o.filled_qty, o.avg_fill_price, o.updated_at)
                """) == ["0"])
        try await rig.append(try events.next(orders: 400, count: 300))
        try await rig.catchUp()
        #expect(try rig.rows("SELECT sum(steps) FROM mix_orders") == ["5300"])
    }
}
