import Bus
import Core
import Domain
import Postgres
import Projections
import TestSupport

/// What the indexes cost a fold that only readers over HTTP ask for: orders by time, and by id.
enum IndexCost {
    private static let names = [
        "executions_symbol_created_at_idx_v1", "executions_created_at_idx_v1", "executions_id_idx_v1",
    ]

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("indexes")
        let bench = try FoldBench()
        let log = JournalLog("\(scratch.path)/orders")
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "bench")
        let records = StoryTeller.records(
            StoryTeller.Settings(orders: 20_000, symbols: 200, accounts: 2, open: 5_000, isPlain: true))
        for start in stride(from: 0, to: records.count, by: 5_000) {
            try await writer.append(Append(Array(records[start..<min(start + 5_000, records.count)])))
        }
        let contest = try await Contest(rounds: 3) {
            try await fold(log, bench, without: [])
        } floor: {
            try await fold(log, bench, without: names)
        }
        await log.close()
        try scratch.remove()
        try bench.postgres.stop(.immediate)
        table.add(
            Row(
                name: "orders projected live, beside the same without the three indexes for readers over HTTP",
                ours: Row.perSecond(records.count, contest.ours), floor: Row.perSecond(records.count, contest.floor),
                ratio: contest.ratio, target: .none))
    }

    private static func fold(_ log: any EventLog, _ bench: FoldBench, without names: [String]) async throws -> Duration
    {
        let database = try bench.database()
        _ = try await Projector(log: log, database: database.settings, owner: "bench", observer: Quiet())
            .prepare([Executions.self])
        var session = try database.session()
        for name in names { try session.run("DROP INDEX \(name)") }
        return try await bench.live(log, [Executions.self], lanes: 2, in: database).time
    }
}
