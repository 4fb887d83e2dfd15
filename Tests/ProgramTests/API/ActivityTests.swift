import Bus
import Core
import Foundation
import Postgres
import TestSupport
import Testing

@Suite struct `What was going on lately` {
    private struct Said: Decodable {
        struct Counts: Decodable, Equatable {
            var decisions = 0
            var orders = 0
            var lean = 0
            var alpaca = 0
            var fallbacks = 0
            var fills = 0
        }
        struct Minute: Decodable { let at: String }

        let since: String
        let until: String
        let totals: Counts
        let minutes: [Minute]
    }

    private struct Models: Decodable {
        struct Model: Decodable {
            let projection: String
            let verdict: String
            let lag: Int
            let partitions: Int
        }
        let lag: Int
        let projections: [Model]
    }

    /// Lives of orders that began within the last two hours.
    private func tell(_ journal: String, seed: UInt64) async throws {
        let hour = "\(Date(timeIntervalSinceNow: -3600).ISO8601Format().prefix(14))"
        let log = JournalLog(journal)
        let writer = try await log.writer(named: "test.lately")
        let records = StoryTeller.records(StoryTeller.Settings(seed: seed, orders: 100, symbols: 3))
        let moved = records.map { record in
            var record = record
            record.value = record.value.map { value in
                Array(String(decoding: value, as: UTF8.self).replacing("2026-02-12T06:", with: hour).utf8)
            }
            return record
        }
        try await writer.append(Append(moved))
        await writer.close()
        await log.close()
    }

    @Test func `is told as the tables have it, minute by minute, and how far they are behind`() async throws {
        let seed = Storm.seed
        let projecting = try await Projecting()
        try await projecting.program.prepared()
        try await tell(projecting.program.ground.folder + "/.torghut/journal", seed: seed)
        let api = try await RunningAPI(
            projecting.program, roles: "api,projections", address: projecting.database.address)
        try await projecting.waitUntilFolded()
        let answer = try await api.curl("/trading/activity?minutes=1440", as: RunningAPI.reader)
        try #require(answer.status == 200, "\(answer)")
        let position = try #require(answer.header("Torghut-Position"))
        #expect(position.hasPrefix("executions/1 ") && position.contains("; trade_decisions/1 "), "\(position)")
        let said = try JSONDecoder().decode(Said.self, from: Data(answer.body.utf8))
        func count(_ what: String, _ table: String) throws -> Int {
            let sql =
                "SELECT \(what)::bigint FROM \(table) WHERE created_at >= '\(said.since)' AND created_at < '\(said.until)'"
            return Int(try projecting.number(sql))
        }
        let expected = Said.Counts(
            decisions: try count("count(*)", "trade_decisions"), orders: try count("count(*)", "executions"),
            lean: try count("count(*) FILTER (WHERE execution_actual_adapter = 'lean')", "executions"),
            alpaca: try count("count(*) FILTER (WHERE execution_actual_adapter = 'alpaca')", "executions"),
            fallbacks: try count("sum(execution_fallback_count)", "executions"),
            fills: try count("sum(execution_count)", "executions"))
        #expect(said.totals == expected, "seed \(seed)")
        for (name, count) in [
            ("decisions", expected.decisions), ("orders", expected.orders), ("lean", expected.lean),
            ("alpaca", expected.alpaca), ("fallbacks", expected.fallbacks), ("fills", expected.fills),
        ] { #expect(count > 0, "seed \(seed): no \(name), so nothing is shown") }
        let minutes = try JSONDecoder().decode(Lines.self, from: Data(answer.body.utf8)).minutes
        #expect(minutes.count == 1_440 && minutes[0].at == said.since)
        #expect(minutes.reduce(0) { $0 + $1.orders } == expected.orders, "seed \(seed)")
        for minute in minutes where minute.orders > 0 {
            let counted = try projecting.number(
                "SELECT count(*) FROM executions WHERE date_trunc('minute', created_at) = '\(minute.at)'")
            #expect(Int64(minute.orders) == counted, "seed \(seed), \(minute.at)")
        }

        #expect(try await api.curl("/trading/activity?minutes=1441").status == 400)
        let models = try await api.curl("/trading/projections", as: RunningAPI.reader)
        let told = try JSONDecoder().decode(Models.self, from: Data(models.body.utf8))
        #expect(told.projections.map(\.partitions).reduce(0, +) == Projecting.units, "\(models.body)")
        #expect(told.lag == 0 && told.projections.allSatisfy { $0.verdict == "idle" && $0.lag == 0 }, "\(models.body)")
        #expect(try await api.roles.stop() == 0)
    }

    private struct Lines: Decodable {
        struct Minute: Decodable {
            let at: String
            let orders: Int
        }
        let minutes: [Minute]
    }
}
