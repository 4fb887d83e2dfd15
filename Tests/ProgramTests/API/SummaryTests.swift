import Bus
import Core
import Domain
import Foundation
import Postgres
import TestSupport
import Testing

/// What is told in sum is what somebody counts who reads every row.
@Suite struct `What the API sums up` {
    /// A decision's row, as it is stored.
    private struct Row {
        let micros: Int64
        let rank: Int64
        let reasons: [String]
        let isConflicted: Bool
        let delay: Int64?
        let quote: Int64?

        var verdict: String { ["unanswered", "blocked", "rejected"][safe: Int(rank)] ?? "accepted" }
    }

    private func rows(_ database: PrivateDatabase) throws -> [Row] {
        var session = try database.session()
        let found = try session.run(
            """
            SELECT (extract(epoch FROM created_at) * 1000000)::bigint::text, status_rank::text, reject_reasons::text,
                (conflicted_at IS NOT NULL)::text,
                (extract(epoch FROM submitted_at - decision_event_ts) * 1000000)::bigint::text,
                (extract(epoch FROM decision_event_ts) * 1000000)::bigint::text, decision_json::text
            FROM trade_decisions
            """)[0].rows
        return try (0..<found.count).map { row in
            let reasons = try found.text(row, 2).map { try JSONSerialization.jsonObject(with: Data($0.utf8)) }
            let decision = try found.text(row, 6).map { try fields($0) }
            let told = (decision?["reference_quote"] as? [String: Any])?["quote_ts"] as? String
            let quoted = try told.map { try Timestamp($0).nanoseconds / 1_000 }
            let decided = found.text(row, 5).flatMap { Int64($0) }
            return Row(
                micros: Int64(found.text(row, 0) ?? "") ?? 0, rank: Int64(found.text(row, 1) ?? "") ?? 0,
                reasons: reasons as? [String] ?? [], isConflicted: found.text(row, 3) == "true",
                delay: found.text(row, 4).flatMap { Int64($0) },
                quote: decided.flatMap { decided in quoted.map { decided - $0 } })
        }
    }

    private func tell(_ folder: String, seed: UInt64) async throws {
        let log = JournalLog(folder + "/.torghut/journal")
        let writer = try await log.writer(named: "test.sums")
        let records = StoryTeller.records(StoryTeller.Settings(seed: seed, orders: 400, symbols: 6, open: 30))
        for start in stride(from: 0, to: records.count, by: 500) {
            try await writer.append(Append(Array(records[start..<min(start + 500, records.count)])))
        }
        await writer.close()
        await log.close()
    }

    /// Two that cannot be read, of one key and of two read models, and what waits behind the first.
    private static let poison = [
        #"{"key":"ZZZ","value":{"event_type":"decision.recorded","version":1}}"#,
        #"{"key":"ZZZ","value":{"event_type":"decision.recorded","version":1,"more":true}}"#,
    ]

    @Test func `is what a naive count of every row says, at the position it names`() async throws {
        let seed = Storm.seed
        let projecting = try await Projecting()
        try await projecting.program.prepared()
        try await tell(projecting.program.ground.folder, seed: seed)
        let api = try await RunningAPI(
            projecting.program, roles: "api,projections", address: projecting.database.address)
        try await projecting.waitUntilFolded()
        let stored = try rows(projecting.database)
        let first = try #require(stored.map(\.micros).min())
        let last = try #require(stored.map(\.micros).max())
        try #require(stored.contains { $0.verdict == "rejected" } && stored.contains { $0.verdict == "accepted" })
        let spans: [(Int64, Int64, String, Int64)] = [
            (first, last + 1, "1d", 86_400), (first + (last - first) / 3, last, "6h", 21_600),
            (first / 1_000_000 * 1_000_000, first / 1_000_000 * 1_000_000 + 300_000_000, "1s", 1),
        ]
        for (since, until, step, seconds) in spans {
            let answer = try await api.curl(
                "/trading/decisions/summary?since=\(text(since))&until=\(text(until))&bucket=\(step)")
            try #require(answer.status == 200, "seed \(seed): \(answer)")
            try check(
                try fields(answer.body), stored.filter { $0.micros >= since && $0.micros < until },
                step: seconds * 1_000_000, "seed \(seed), \(step)")
        }
        let path = "/trading/decisions/summary?since=\(text(first))&until=\(text(last))&bucket=1d"
        let answer = try await api.curl(path)
        let list = try await api.curl("/trading/decisions?limit=1")
        #expect(answer.header("Torghut-Position") == list.header("Torghut-Position"))
        let tag = try #require(answer.header("ETag"))
        #expect(try await api.curl(path, as: RunningAPI.reader, "-H", "If-None-Match: \(tag)").status == 304)
        let open = try await api.curl("/trading/decisions/summary")
        #expect(open.status == 200 && open.header("ETag") == nil && open.header("Torghut-Position") != nil, "\(open)")
        try await checkDiscrepancies(projecting, api, seed)
        try await checkWaiting(projecting, api)
        #expect(try await api.roles.stop() == 0)
    }

    private func text(_ micros: Int64) -> String { "\(Timestamp(nanoseconds: micros * 1_000))" }

    private func check(_ told: [String: any Sendable], _ rows: [Row], step: Int64, _ what: String) throws {
        let verdicts = ["accepted", "rejected", "blocked", "unanswered"]
        #expect(told["decisions"] as? Int == rows.count, "\(what)")
        #expect(told["conflicted"] as? Int == rows.count { $0.isConflicted }, "\(what)")
        let latest = rows.map(\.micros).max().map(text)
        #expect(told["latest_at"] as? String == latest, "\(what)")
        let buckets = try #require(told["buckets"] as? [[String: Any]])
        for verdict in verdicts {
            let own = rows.filter { $0.verdict == verdict }
            #expect(told[verdict] as? Int == own.count, "\(what): \(verdict)")
            let counts = Dictionary(grouping: own) { text($0.micros / step * step) }.mapValues(\.count)
            for bucket in buckets {
                let at = try #require(bucket["at"] as? String)
                #expect(bucket[verdict] as? Int == counts[at] ?? 0, "\(what): \(verdict) at \(at)")
            }
        }
        try checkReasons(told, rows, buckets.compactMap { $0["at"] as? String }, step, what)
        let newest = rows.sorted { $0.micros > $1.micros }.prefix(5_000)
        checkSpread(told["send_delay"], newest.compactMap(\.delay), "\(what): delay")
        checkSpread(told["quote_age"], newest.compactMap(\.quote), "\(what): quote")
    }

    private func checkReasons(
        _ told: [String: any Sendable], _ rows: [Row], _ steps: [String], _ step: Int64, _ what: String
    ) throws {
        let refused = rows.filter { ["rejected", "blocked"].contains($0.verdict) }
        let reasons = try #require(told["reasons"] as? [[String: Any]])
        let names = Set(refused.flatMap { row in row.reasons.map { "\(row.verdict) \($0)" } })
        #expect(Set(reasons.map { "\($0["verdict"] ?? "") \($0["reason"] ?? "")" }) == names, "\(what)")
        for one in reasons {
            let (verdict, name) = (one["verdict"] as? String ?? "", one["reason"] as? String ?? "")
            let own = refused.filter { $0.verdict == verdict && $0.reasons.contains(name) }
            #expect(one["decisions"] as? Int == own.count, "\(what): \(verdict) \(name)")
            #expect(one["first"] as? Int == own.count { $0.reasons.first == name }, "\(what): \(verdict) \(name)")
            let counts = Dictionary(grouping: own) { text($0.micros / step * step) }.mapValues(\.count)
            #expect(one["counts"] as? [Int] == steps.map { counts[$0] ?? 0 }, "\(what): \(verdict) \(name)")
        }
    }

    private func checkSpread(_ told: Any?, _ values: [Int64], _ what: String) {
        let spread = told as? [String: Any]
        #expect(spread?["count"] as? Int == values.count, "\(what)")
        let sorted = values.sorted()
        for (name, part) in [("p50_us", 0.5), ("p95_us", 0.95), ("p99_us", 0.99), ("max_us", 1)] {
            let at = max(0, Int((part * Double(sorted.count)).rounded(.up)) - 1)
            #expect(spread?[name] as? Int == sorted[safe: at].map { Int($0) }, "\(what): \(name)")
        }
    }

    private func checkDiscrepancies(_ projecting: Projecting, _ api: RunningAPI, _ seed: UInt64) async throws {
        let answer = try await api.curl("/trading/discrepancies/summary")
        let told = try fields(answer.body)
        let open = try projecting.number("SELECT count(*)::bigint FROM discrepancies WHERE status = 'open'")
        let all = try projecting.number("SELECT count(*)::bigint FROM discrepancies")
        #expect(all > 0 && told["open"] as? Int == Int(open), "seed \(seed): \(answer)")
        #expect(told["resolved"] as? Int == Int(all - open), "seed \(seed): \(answer)")
        let kinds = try #require(told["kinds"] as? [[String: Any]])
        #expect(kinds.reduce(0) { $0 + ($1["open"] as? Int ?? 0) } == Int(open), "seed \(seed): \(answer)")
        let oldest = try kinds.compactMap { $0["oldest_found_at"] as? String }.map { try Timestamp($0) }.min()
        #expect(try oldest == (told["oldest_found_at"] as? String).map { try Timestamp($0) }, "seed \(seed): \(answer)")
        #expect(answer.header("Torghut-Position")?.hasPrefix("discrepancies/1 torghut.") == true)
    }

    private func checkWaiting(_ projecting: Projecting, _ api: RunningAPI) async throws {
        #expect(
            try await api.curl("/trading/quarantine/waiting").body == #"{"records":0,"parked":0,"behind":0,"items":[]}"#
        )
        let appended = try await projecting.program.run(
            ["log", "append", "--topic", "torghut.decisions.v1"], input: Array(Self.poison.joined(separator: "\n").utf8)
        )
        let place = try fields(try #require(appended.lines.first))
        let record = "torghut.decisions.v1/\(place["partition"] ?? "")/\(place["offset"] ?? "")"
        try await eventually("records that wait") {
            try await api.curl("/trading/quarantine/waiting").body.contains(#""parked":2,"behind":2,"#)
        }
        let answer = try await api.curl("/trading/quarantine/waiting?record=\(record)")
        let told = try fields(answer.body)
        let item = try #require((told["items"] as? [[String: Any]])?.first)
        #expect(item["record"] as? String == record && item["key"] as? String == "ZZZ", "\(answer)")
        #expect(item["value"] as? String == #"{"event_type":"decision.recorded","version":1}"#, "\(answer)")
        let parked = try #require(item["projections"] as? [[String: Any]])
        #expect(parked.map { $0["projection"] as? String } == ["executions", "trade_decisions"], "\(answer)")
        let offset = try #require(item["offset"] as? Int)
        for one in parked {
            #expect(one["behind"] as? Int == 1 && one["behind_offsets"] as? [Int] == [offset + 1], "\(answer)")
            #expect(one["reason"] as? String == "unreadable_envelope", "\(answer)")
        }
        let position = try #require(answer.header("Torghut-Position"))
        #expect(position.hasPrefix("quarantine/1 ") && position.contains("; executions/1 torghut."), "\(position)")
        #expect(position.contains("; trade_decisions/1 torghut."), "\(position)")
        let list = try fields(try await api.curl("/trading/quarantine/waiting").body)
        let listed = try #require((list["items"] as? [[String: Any]])?.first)
        #expect(listed["value"] is NSNull && list["records"] as? Int == 1, "\(list)")
        let skip = #"{"record":"\#(record)","action":"skip","reason":"not ours"}"#
        #expect(try await api.post("/trading/quarantine?wait=20", skip).status == 200)
        // The next of the key is no better.
        try await eventually("the next one") {
            let body = try await api.curl("/trading/quarantine/waiting").body
            return body.contains(#""parked":2,"behind":0,"#) && body.contains(#""offset":\#(offset + 1),"#)
        }
    }
}

extension Collection {
    fileprivate subscript(safe index: Index) -> Element? { indices.contains(index) ? self[index] : nil }
}
