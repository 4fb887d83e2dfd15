import Core
import Domain
import Postgres
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

/// What must hold after every fault, asked in SQL and by folding the same log once more without any.
extension Rig {
    /// Each record is one step, and each order is as its last step says: at any moment, also between two faults.
    func checkMix(_ note: Comment) throws {
        // Positions and rows moved together; a log with holes has fewer records than offsets.
        #expect(
            try rows(
                """
                SELECT held.log_partition, steps.first, steps.last, held.next FROM (
                    SELECT log_partition, coalesce((vector::json
                        -> ('torghut.order-events.v1/' || log_partition) ->> 'last')::bigint, -1) AS next
                    FROM projection_checkpoints WHERE projection = 'order_mix') held
                FULL JOIN (
                    SELECT log_partition, min(log_offset) AS first, max(log_offset) AS last
                    FROM mix_steps GROUP BY 1) steps USING (log_partition)
                WHERE held.next IS DISTINCT FROM coalesce(steps.last, -1)
                """) == [], note)
        #expect(
            try rows("SELECT count(*) - count(DISTINCT event_id) FROM mix_steps") == ["0"], note)
        #expect(
            try rows(
                """
                WITH told AS (
                    SELECT DISTINCT ON (client_order_id) log_partition, client_order_id, symbol, status, filled_qty,
                        avg_fill_price, count(*) OVER (PARTITION BY client_order_id) AS steps, event_ts
                    FROM mix_steps ORDER BY client_order_id, log_offset DESC),
                kept AS (
                    SELECT log_partition, client_order_id, symbol, status, filled_qty, avg_fill_price, steps, updated_at
                    FROM mix_orders)
                (TABLE told EXCEPT ALL TABLE kept) UNION ALL (TABLE kept EXCEPT ALL TABLE told)
                """) == [], note)
        try checkRoots(note)
    }

    /// The roots in the checkpoints are the sums over the rows that lie in the tables.
    func checkRoots(_ note: Comment) throws {
        let open = try OpenSession(database.settings)
        var sums: [UnitName: StateRoot] = [:]
        for standing in try open.versions() {
            for type in projections where type.name.text == standing.projection {
                let projection = StandingProjection(type, version: standing.version)
                for table in OpenSession.definitions(projection) {
                    let columns = WriteStatements.columns(table)
                    let rows = try open.session.query(.sql("SELECT \(columns) FROM \(table.physical)")).rows
                    for row in 0..<rows.count {
                        var tuple: [UInt8] = []
                        rows.appendTuple(row, to: &tuple)
                        let unit = UnitName(
                            standing.projection, version: standing.version, partition: Int32(rows.integer(row, 0) ?? -1))
                        sums[unit, default: StateRoot()].add(
                            StateRoot.hash(unsafe tuple.span.bytes, seed: table.shape.name.seed))
                    }
                }
            }
        }
        for (unit, checkpoint) in try open.checkpoints() {
            #expect(checkpoint.root == sums[unit] ?? StateRoot(), "\(unit): \(note.rawValue)")
        }
    }

    /// Folds the log once more into a fresh database, without faults and in one batch, and compares every row.
    func checkAgainstCleanFold(_ note: Comment) async throws {
        var clean = try Rig(beside: self)
        clean.limits.maximumWaitingRecords = limits.maximumWaitingRecords
        try await clean.catchUp()
        #expect(try contents() == clean.contents(), note)
    }

    /// Every table as a hash of its rows' text, and the roots.
    func contents() throws -> [String] {
        let tables = projections.flatMap { type in
            type.shapes.map { $0.name == ParkedRow.table ? "\(type.name)_parked" : $0.name.name }
        }
        let hashes = try tables.map { table in
            "\(table) "
                + (try rows(
                    """
                    SELECT count(*), md5(coalesce(string_agg(r::text, E'\\n' ORDER BY r::text COLLATE "C"), ''))
                    FROM \(table) r
                    """)[0])
        }
        let names = projections.map { "'\($0.name)'" }.joined(separator: ", ")
        return hashes
            + (try rows(
                """
                SELECT projection, version, log_partition, root FROM projection_checkpoints
                WHERE projection IN (\(names)) ORDER BY 1, 2, 3
                """))
    }
}
