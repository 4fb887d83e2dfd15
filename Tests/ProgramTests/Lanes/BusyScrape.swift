import Foundation
import HTTPClient
import TestSupport
import Testing

/// What the programs say of themselves while all lanes work: held against `docs/metrics.md`, promtool, and what happened.
struct BusyScrape {
    /// Names of the original that promtool would have called otherwise: their unit is abbreviated.
    static let abbreviated = ["torghut_trading_lean_latency_ms", "torghut_ws_lag_ms", "jangar_reconcile_duration_ms"]
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/metrics.md").standardizedFileURL

    let torghut: String
    let runner: String

    func judge(_ intents: Int) async throws {
        let text = try await checked()
        try Self.lint(text, allowing: Self.abbreviated)
        try Self.compare(text, with: "torghut run")
        let runnerText = try await scrape(runner)
        try Self.lint(runnerText, allowing: [])
        try Self.compare(runnerText, with: "lean-runner")
        #expect(Self.value(of: "execution_requests_total{adapter=\"lean\"}", in: text) == Double(intents))
        for name in [
            "jangar_reconcile_duration_ms_count{kind=\"commands\"}",
            "jangar_leader_changes_total{role=\"router\",to=\"leader\"}",
            "jangar_agent_run_outcomes_total{kind=\"backtest\",outcome=\"completed\"}", "torghut_journal_fsyncs_total",
            "torghut_journal_written_bytes_total", "torghut_journal_segments", "torghut_journal_disk_bytes",
            "torghut_trading_decision_lag_seconds_count", "process_cpu_seconds_total", "process_open_fds",
        ] { #expect((Self.value(of: name, in: text) ?? 0) > 0, "\(name)") }
        #expect(text.contains(Self.rootCheck))
        #expect(!text.contains("outcome=\"different\""))
        try await time()
    }

    private static let rootCheck = "torghut_projection_root_checks_total{projection=\"executions\",outcome=\"same\"} "

    /// A scrape from when the roots of executions were looked at: that happens now and then, whatever goes on.
    private func checked() async throws -> String {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let text = try await scrape(torghut)
            if text.contains(Self.rootCheck) || ContinuousClock.now > deadline { return text }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// How long a scrape takes; a bound far above, because tests share their machine.
    private func time() async throws {
        var took: [Duration] = []
        for _ in 0..<21 {
            let start = ContinuousClock.now
            _ = try await scrape(torghut)
            took.append(ContinuousClock.now - start)
        }
        took.sort()
        print("scrape of the busy system: median \(took[10]), slowest \(took[20])")
        #expect(took[10] < .milliseconds(250))
    }

    private func scrape(_ address: String) async throws -> String {
        let pool = HTTPPool(lanes: 1, limits: HTTPLimits(maximumResponseBytes: 16 << 20))
        let response = try await pool.exchange(HTTPRequest(.get, address + "/metrics")).result.get()
        try #require(response.status == 200)
        return String(decoding: response.body, as: UTF8.self)
    }

    /// Promtool has nothing to say but what the original's names make it say.
    static func lint(_ text: String, allowing known: [String]) throws {
        let judged = try Judge.run("promtool", ["check", "metrics"], input: Data(text.utf8))
        let complaints = (judged.output + judged.errors).split(separator: "\n").filter { line in
            !known.contains { line == "\($0) metric names should not contain abbreviated units" }
        }
        #expect(complaints.isEmpty, "\(complaints)")
        #expect(judged.status == (known.isEmpty ? 0 : 3))
    }

    private static func compare(_ text: String, with section: String) throws {
        let scraped = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map {
            $0.dropFirst("# TYPE ".count).split(separator: " ").joined(separator: " ")
        }
        let page = try String(contentsOf: page, encoding: .utf8)
        let part = page.components(separatedBy: "\n## ").first { $0.hasPrefix(section + "\n") } ?? ""
        let written = part.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.components(separatedBy: " | ").prefix(2)
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " |`")) }.joined(separator: " ")
        }
        let (missing, unknown) = (Set(scraped).subtracting(written), Set(written).subtracting(scraped))
        #expect(missing.isEmpty && unknown.isEmpty, "not written: \(missing.sorted()); not there: \(unknown.sorted())")
    }

    private static func value(of series: String, in text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix(series + " ") }.flatMap {
            Double($0.dropFirst(series.count + 1))
        }
    }
}
