import Bus
import Core
import Domain
import Foundation
import Postgres
import TestSupport
import Testing

@Suite struct `The trading days of the control plane` {
    /// What random lives of orders came to on each day, reckoned from the tables in the plainest way there is.
    private struct Naive {
        struct Fill {
            let holding: String
            let micros: Int64
            let tie: String
            let signed: Decimal
            let price: Decimal
        }

        let fills: [Fill]

        init(_ database: PrivateDatabase, strategy: String? = nil) throws {
            var session = try database.session()
            let only = strategy.map { "AND strategy_id = '\($0)'" } ?? ""
            let rows = try session.run(
                """
                SELECT f.alpaca_account_label || ' ' || f.symbol, (extract(epoch FROM coalesce(f.filled_at, f.corrected_at,
                    f.created_at)) * 1000000)::bigint::text, f.execution_id, e.side, f.effective_qty::text,
                    f.effective_price::text
                FROM execution_fills f JOIN executions e USING (alpaca_account_label, symbol, client_order_id)
                WHERE f.state <> 'busted' AND f.effective_qty > 0 \(only)
                UNION ALL
                SELECT alpaca_account_label || ' ' || symbol, (extract(epoch FROM coalesce(reported_at, last_update_at,
                    created_at)) * 1000000)::bigint::text, client_order_id, side, filled_qty::text, avg_fill_price::text
                FROM executions WHERE execution_count = 0 AND filled_qty > 0 \(only)
                """)[0].rows
            var found: [Fill] = []
            for row in 0..<rows.count {
                guard let side = rows.text(row, 3), let price = rows.text(row, 5).flatMap({ Decimal(string: $0) }),
                    let quantity = rows.text(row, 4).flatMap({ Decimal(string: $0) })
                else { continue }
                found.append(
                    Fill(
                        holding: rows.text(row, 0) ?? "", micros: Int64(rows.text(row, 1) ?? "") ?? 0,
                        tie: rows.text(row, 2) ?? "", signed: side == "buy" ? quantity : -quantity, price: price))
            }
            fills = found.sorted { ($0.micros, $0.tie) < ($1.micros, $1.tie) }
        }

        /// What was realized between two moments, over all that came before.
        func realized(from: Int64, to: Int64) -> Decimal {
            var (held, average, sum) = ([String: Decimal](), [String: Decimal](), Decimal(0))
            for fill in fills where fill.micros < to {
                let (before, cost) = (held[fill.holding] ?? 0, average[fill.holding] ?? 0)
                let after = before + fill.signed
                held[fill.holding] = after
                if before == 0 || (before > 0) == (fill.signed > 0) {
                    average[fill.holding] = (abs(before) * cost + abs(fill.signed) * fill.price) / abs(after)
                    continue
                }
                let closed = min(abs(before), abs(fill.signed))
                if fill.micros >= from { sum += closed * (fill.price - cost) * (before > 0 ? 1 : -1) }
                if abs(fill.signed) > abs(before) { average[fill.holding] = fill.price }
            }
            return sum
        }
    }

    /// Three days of orders in one journal; the third begins before midnight in New York.
    ///
    /// Of the last day one slice is withheld, of an order that has others.
    private func tell(_ journal: String, seed: UInt64) async throws {
        let log = JournalLog(journal)
        let writer = try await log.writer(named: "test.days")
        for (number, day) in ["2026-02-12T06:", "2026-02-13T06:", "2026-02-14T03:"].enumerated() {
            let records = StoryTeller.records(
                StoryTeller.Settings(seed: seed &+ UInt64(number), orders: 120, symbols: 3, isPlain: true))
            let moved = records.map { record in
                var record = record
                record.value = record.value.map { value in
                    Array(String(decoding: value, as: UTF8.self).replacing("2026-02-12T06:", with: day).utf8)
                }
                return record
            }
            try await writer.append(Append(number == 2 ? try Self.spoiled(moved) : moved))
        }
        await writer.close()
        await log.close()
    }

    /// Orders of which more is said to be filled than their slices come to, one by one.
    private static func untold(_ database: PrivateDatabase, until micros: Int64) throws -> Int64 {
        var session = try database.session()
        return try session.run(
            """
            SELECT count(*) FROM executions e WHERE execution_count > 0
                AND e.created_at < to_timestamp(\(micros / 1_000_000))
                AND e.reported_filled_qty > (SELECT sum(CASE WHEN f.effective_qty > coalesce(f.filled_qty, 0)
                    THEN f.effective_qty ELSE f.filled_qty END) FROM execution_fills f
                    WHERE (f.alpaca_account_label, f.symbol, f.client_order_id)
                        = (e.alpaca_account_label, e.symbol, e.client_order_id))
            """)[0].rows.text(0, 0).flatMap { Int64($0) } ?? 0
    }

    private static func spoiled(_ records: [NewRecord]) throws -> [NewRecord] {
        var (records, places) = (records, [String: [Int]]())
        for (index, record) in records.enumerated() where record.topic == TopicCatalog.orderEvents.name {
            let value = try fields(String(decoding: record.value ?? [], as: UTF8.self))
            guard let payload = value["payload"] as? [String: Any], payload["execution_id"] is String,
                payload["event_type"] as? String != "trade_bust", let order = payload["client_order_id"] as? String
            else { continue }
            places[order, default: []].append(index)
        }
        let several = places.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
        records.remove(at: try #require(several.first)[0])
        return records
    }

    @Test func `earn what a naive reckoning over all fills says, in each zone and of each strategy`() async throws {
        let seed = Storm.seed
        let projecting = try await Projecting()
        let api = try await RunningAPI(
            projecting.program, roles: "api,projections", address: projecting.database.address)
        try await tell("\(projecting.program.ground.folder)/.torghut/journal", seed: seed)
        try await projecting.waitUntilFolded()
        let midnight: Int64 = 1_770_854_400_000_000
        let (day, newYork) = (Int64(86_400_000_000), Int64(18_000_000_000))
        var seen = Decimal(0)
        for (strategy, number) in [(nil, 0), (nil, 1), (nil, 2), ("strat-1", 0), ("strat-1", 1)] as [(String?, Int64)] {
            let naive = try Naive(projecting.database, strategy: strategy)
            for (zone, shift) in [("UTC", Int64(0)), ("America/New_York", newYork)] {
                let from = midnight + number * day + shift
                let expected = naive.realized(from: from, to: from + day)
                let only = strategy.map { "&strategyId=\($0)" } ?? ""
                let answer = try await api.curl(
                    "/api/torghut/trading/summary?day=2026-02-\(12 + number)&tz=\(zone)\(only)")
                try #require(answer.status == 200, "\(answer)")
                // Both places count, in the form of every other read.
                let position = answer.header("Torghut-Position") ?? ""
                #expect(
                    position.hasPrefix("executions/1 torghut.") && position.contains("; trade_decisions/1 torghut."),
                    "\(position)")
                let summary = try #require(
                    try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
                let profit = try #require(summary["pnl"] as? [String: Any])
                let said = try #require((profit["realizedPnl"] as? String).flatMap { Decimal(string: $0) })
                #expect(
                    abs(said - expected) < Decimal(string: "0.00001") ?? 0,
                    "seed \(seed), day \(number) in \(zone): \(said), and not \(expected)")
                let closings = try #require(profit["series"] as? [[String: Any]])
                let warnings = try #require(profit["warnings"] as? [String]).joined(separator: "\n")
                if strategy == nil, zone == "UTC" {
                    let untold = try Self.untold(projecting.database, until: from + day)
                    #expect(untold > 0 || number < 2)
                    #expect(
                        warnings.contains("\(untold) orders were filled with ") == (untold > 0),
                        "seed \(seed), day \(number): \(untold), and not \(warnings)")
                }
                let total = closings.last?["total"] as? String ?? "0"
                #expect(total == profit["realizedPnl"] as? String, "seed \(seed)")
                seen += abs(said)
            }
        }
        #expect(seen > 0, "seed \(seed): nothing was ever realized")
        for path in ["executions?day=2026-02-12&tz=UTC", "decisions?day=2026-02-12&tz=UTC", "strategies"] {
            let answer = try await api.curl("/api/torghut/trading/\(path)")
            #expect(answer.status == 200 && answer.body.hasPrefix(#"{"ok":true,"items":["#), "\(path): \(answer)")
        }
        #expect(try await api.curl("/api/torghut/trading/summary?day=2026-13-01").status == 400)
        #expect(try await api.curl("/api/torghut/trading/summary?tz=Mars").status == 400)
        #expect(try await api.roles.stop() == 0)
    }
}
