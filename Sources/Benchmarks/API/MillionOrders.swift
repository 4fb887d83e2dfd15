import Bus
import Core
import Domain
import Postgres
import Projections
import TestSupport
import Wire

/// A million orders in the read models: a thousand that the projector folded from a log, each told a thousand times
/// under other names, over thirty days and five hundred symbols.
///
/// Telling eight million events would take longer than everything that is measured with them.
struct MillionOrders {
    static let symbols = 500
    static let copies = 1_000
    /// Of thirty days the last hundredth: twenty orders of each symbol.
    static let since = "2026-03-02T16:48:00Z"
    private static let opening = "2026-02-01T00:00:00Z"

    let database: PrivateDatabase
    let count: Int

    static func made(_ scratch: Scratch, _ bench: FoldBench) async throws -> MillionOrders {
        let log = JournalLog("\(scratch.path)/orders")
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "bench")
        let records = StoryTeller.records(StoryTeller.Settings(orders: 1_000, symbols: 8, isPlain: true))
        try await writer.append(Append(records))
        let database = try bench.database()
        _ = try await bench.live(log, Catalog.all, lanes: 1, in: database)
        await log.close()
        var settings = database.settings
        settings.statementTimeout = .seconds(600)
        settings.answerTimeout = .seconds(660)
        var session = try Session(settings)
        for table in ["execution_tca_metrics_v1", "executions_v1"] { try Self.multiply(table, &session) }
        try session.run("VACUUM (ANALYZE) executions_v1")
        try session.run("VACUUM (ANALYZE) execution_tca_metrics_v1")
        let rows = try session.run("SELECT count(*) FROM executions")[0].rows
        return MillionOrders(database: database, count: Int(rows.integer(0, 0) ?? 0))
    }

    private static func multiply(_ table: String, _ session: inout Session) throws {
        let columns = try session.run(
            "SELECT attname FROM pg_attribute WHERE attrelid = '\(table)'::regclass AND attnum > 0 ORDER BY attnum")[0]
            .rows
        let names = (0..<columns.count).map { columns.text($0, 0) ?? "" }
        let values = names.map { name in
            switch name {
            case "id", "execution_id": "md5(told.client_order_id || '-' || n)::uuid"
            case "client_order_id": "told.client_order_id || '-' || n"
            case "alpaca_order_id": "told.alpaca_order_id || '-' || n"
            case "symbol": "'S' || (31 * place) % \(symbols)"
            case "created_at", "updated_at", "computed_at":
                "'\(opening)'::timestamptz + place * interval '2.592 seconds'"
            default: "told.\(name)"
            }
        }
        // Indexes are made when the rows are there. The thousand themselves make room for their copies.
        let indexes = try session.run(
            """
            SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '\(table)' AND indexname NOT LIKE '%_pkey'
            """)[0].rows
        for row in 0..<indexes.count { try session.run("DROP INDEX \(indexes.text(row, 0) ?? "")") }
        try session.run(
            """
            CREATE TEMP TABLE told AS SELECT * FROM \(table);
            DELETE FROM \(table);
            SET synchronous_commit = off;
            INSERT INTO \(table) (\(names.joined(separator: ", ")))
            SELECT \(values.joined(separator: ", ")) FROM (
                SELECT told.*, n, n * 1000::bigint + abs(hashtext(client_order_id)) % 1000 AS place
                FROM generate_series(0, \(copies - 1)) AS n, told
            ) AS told;
            DROP TABLE told
            """)
        for row in 0..<indexes.count { try session.run(indexes.text(row, 1) ?? "") }
    }
}
