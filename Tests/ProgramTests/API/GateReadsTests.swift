import Core
import Foundation
import Postgres
import TestSupport
import Testing

@Suite struct `LEAN's rollout in sum` {
    private static let morning = "since=2026-02-12T06:00:00Z&until=2026-02-12T06:10:00Z"

    /// A day of orders with what happens beside them, folded, and the API over it.
    private func day() async throws -> (projecting: Projecting, api: RunningAPI) {
        let projecting = try await Projecting()
        try await projecting.program.prepared()
        try await projecting.program.tell(
            StoryTeller(StoryTeller.Settings(seed: 8, orders: 240, symbols: 6, open: 30)))
        try await projecting.program.tell(try GateDay.events())
        let api = try await RunningAPI(
            projecting.program, roles: "api,projections", address: projecting.database.address)
        try await projecting.waitUntilFolded()
        return (projecting, api)
    }

    private typealias Row = [String: any Sendable]

    private func summed(_ path: String, _ api: RunningAPI) async throws -> (total: Row, buckets: [Row]) {
        let answer = try await api.curl(path)
        try #require(answer.status == 200, "\(path): \(answer)")
        let body = try fields(answer.body)
        return (try #require(body["total"] as? Row), try #require(body["buckets"] as? [Row]))
    }

    private func texts(_ sql: String, _ projecting: Projecting) throws -> [String] {
        var session = try projecting.database.session()
        let rows = try session.run(sql)[0].rows
        return (0..<rows.count).map { rows.text($0, 0) ?? "null" }
    }

    @Test func `tells what psql tells, bucket by bucket and over all, at the position it names`() async throws {
        let (projecting, api) = try await day()
        try await share(projecting, api)
        try await slippage(projecting, api)
        try await shadows(projecting, api)
        try await gate(api)
        try await bounds(api)
        #expect(try await api.roles.stop() == 0)
    }

    /// The whole minutes that hold all rows of a table.
    private func stretch(_ table: String, _ projecting: Projecting) throws -> (path: String, sql: String) {
        let form = "to_char((%@) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:00\"Z\"')"
        let ends = try texts(
            """
            SELECT \(form.replacing("%@", with: "min(created_at)")) FROM \(table) UNION ALL
            SELECT \(form.replacing("%@", with: "max(created_at) + interval '1 minute'")) FROM \(table)
            """, projecting)
        return (
            "since=\(ends[0])&until=\(ends[1])",
            "created_at >= '\(ends[0])' AND created_at < '\(ends[1])'"
        )
    }

    private func share(_ projecting: Projecting, _ api: RunningAPI) async throws {
        let (path, sql) = try stretch("executions", projecting)
        let (total, buckets) = try await summed("/trading/lean/share?\(path)&bucket=1s", api)
        #expect(buckets.count > 1)
        for (name, condition) in [
            ("orders", "true"), ("by_lean", "execution_actual_adapter = 'lean'"),
            ("by_alpaca", "execution_actual_adapter = 'alpaca'"),
            ("not_taken", "execution_actual_adapter = 'unknown'"),
            ("fell_back", "execution_expected_adapter = 'lean' AND execution_fallback_count > 0"),
        ] {
            let count = try projecting.number("SELECT count(*) FROM executions WHERE \(sql) AND \(condition)")
            #expect(total[name] as? Int == Int(count), "\(name): \(total)")
            #expect(buckets.reduce(0) { $0 + ($1[name] as? Int ?? -1) } == Int(count), "\(name)")
            if name.hasPrefix("by_") || name == "fell_back" { #expect(count > 0, "\(name) is not in the day") }
        }
        let own = try await summed("/trading/lean/share?\(path)&symbol=AAPL", api)
        let mine = try projecting.number("SELECT count(*) FROM executions WHERE \(sql) AND symbol = 'AAPL'")
        #expect(own.total["orders"] as? Int == Int(mine))
        let ratio = try texts(
            """
            SELECT trim_scale(round(avg((execution_actual_adapter = 'lean')::int), 9)) FROM executions
            WHERE \(sql) AND execution_actual_adapter <> 'unknown'
            """, projecting)
        #expect(total["lean_share"] as? String == ratio[0])
    }

    private func slippage(_ projecting: Projecting, _ api: RunningAPI) async throws {
        let (path, sql) = try stretch("executions", projecting)
        let (total, _) = try await summed("/trading/lean/slippage?\(path)&bucket=1h", api)
        for adapter in ["lean", "alpaca"] {
            let costs = try texts(
                """
                SELECT slippage_bps::text FROM execution_tca_metrics JOIN executions
                    USING (alpaca_account_label, client_order_id, symbol)
                WHERE \(sql) AND slippage_bps IS NOT NULL AND execution_tca_metrics.execution_adapter = '\(adapter)'
                ORDER BY slippage_bps
                """, projecting)
            try #require(!costs.isEmpty)
            // The nearest rank, by hand.
            let rank = (costs.count * 95 + 99) / 100
            #expect(total["\(adapter)_p95_bps"] as? String == costs[rank - 1], "\(adapter): \(total)")
            #expect(total["\(adapter)_orders"] as? Int == costs.count)
        }
    }

    private func shadows(_ projecting: Projecting, _ api: RunningAPI) async throws {
        let (path, sql) = try stretch("lean_execution_shadow_events", projecting)
        let (total, buckets) = try await summed("/trading/lean/shadow/drift?\(path)&bucket=1s", api)
        let table = "lean_execution_shadow_events"
        let intents = try projecting.number("SELECT count(DISTINCT intent_id) FROM \(table) WHERE \(sql)")
        #expect(total["intents"] as? Int == Int(intents) && intents > 0, "\(total)")
        #expect(buckets.reduce(0) { $0 + ($1["intents"] as? Int ?? -1) } == Int(intents))
        let kinds = ["passed", "drifted", "inconclusive", "failed", "waiting"]
        #expect(kinds.reduce(0) { $0 + (total[$1] as? Int ?? -1) } == Int(intents), "\(total)")
        let answer = try await api.curl("/trading/lean/shadow/distribution?\(path)&width_bps=0.5")
        let spread = try fields(answer.body)
        let bins = try #require(spread["bins"] as? [Row], "\(answer)")
        let deltas = try texts(
            """
            SELECT parity_delta_bps::text FROM \(table) AS row WHERE \(sql) AND parity_delta_bps IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM \(table) AS later WHERE later.intent_id = row.intent_id
                    AND later.log_offset > row.log_offset)
            """, projecting
        ).compactMap(Double.init)
        #expect(spread["judged"] as? Int == deltas.count && !deltas.isEmpty)
        #expect(bins.reduce(0) { $0 + ($1["judged"] as? Int ?? -1) } == deltas.count)
        for bin in bins {
            let from = (bin["from_bps"] as? String).flatMap { Double($0) } ?? -.infinity
            let to = (bin["to_bps"] as? String).flatMap { Double($0) } ?? .infinity
            #expect(deltas.count { $0 >= from && $0 < to } == bin["judged"] as? Int, "\(bin)")
        }
    }

    /// The numbers of `GateDay`, by heart.
    private func gate(_ api: RunningAPI) async throws {
        let (total, buckets) = try await summed("/trading/lean/canary/limits?\(Self.morning)&bucket=1m", api)
        #expect(buckets.map { $0["at"] as? String } == ["2026-02-12T06:00:00Z", "2026-02-12T06:02:00Z"])
        #expect(buckets.map { $0["observed"] as? String } == ["0.2", "0.5"])
        #expect(buckets.map { $0["threshold"] as? String } == ["0.3", "0.4"])
        #expect(buckets.map { $0["sample"] as? Int } == [41, 3])
        #expect(total["verdicts"] as? Int == 4 && total["breaches"] as? Int == 1 && total["worst"] as? String == "0.5")
        let other = try await summed(
            "/trading/lean/canary/limits?\(Self.morning)&breach_type=slippage_exceeded", api)
        #expect(other.total["observed"] as? String == "8" && other.total["threshold"] as? String == "5")
        let listed = try await api.curl("/trading/lean/canary/verdicts?verdict=breach&limit=5")
        #expect(
            listed.body.count(of: "\"event_id\"") == 2 && listed.body.contains("\"threshold\":\"0.4\""), "\(listed)")
        let steps = try await api.curl("/trading/lean/rollout").body
        #expect(steps.contains("\"phase\":\"held\"") && steps.contains("\"scope_symbols\":[\"BTC/USD\"]"), "\(steps)")
        let canary = try await api.curl("/trading/lean/canary")
        let rollout = try #require(try fields(canary.body)["rollout"] as? Row)
        #expect(rollout["phase"] as? String == "canary" && rollout["is_held"] as? Bool == true, "\(rollout)")
        #expect(rollout["steps"] as? Int == 3 && rollout["actor"] as? String == "ann")
        #expect(canary.header("Torghut-Position")?.contains("torghut.lean.canary.v1=") == true, "\(canary.headers)")
    }

    private func bounds(_ api: RunningAPI) async throws {
        for wrong in [
            "since=2026-02-12T06:10:00Z&until=2026-02-12T06:00:00Z",
            "since=2026-01-12T06:00:00Z&until=2026-02-13T06:00:00Z",
            "since=2026-02-12T06:00:00Z&until=2026-02-12T07:00:00Z&bucket=1s", "bucket=60",
        ] { #expect(try await api.curl("/trading/lean/share?\(wrong)").status == 400, "\(wrong)") }
        let fixed = "/trading/lean/canary/limits?\(Self.morning)"
        let answer = try await api.curl(fixed)
        let tag = try #require(answer.header("ETag"))
        #expect(answer.header("Torghut-Position")?.hasPrefix("lean_canary_verdicts/1 ") == true)
        #expect(try await api.curl(fixed, "-H", "If-None-Match: \(tag)").status == 304)
        let passing = try await api.curl("/trading/lean/canary/limits")
        #expect(passing.header("ETag") == nil && passing.header("Torghut-Position") != nil, "\(passing.headers)")
    }
}

extension String {
    fileprivate func count(of text: String) -> Int { components(separatedBy: text).count - 1 }
}
