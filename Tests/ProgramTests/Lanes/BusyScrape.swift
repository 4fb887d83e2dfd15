import Foundation
import HTTPClient
import TestSupport
import Testing

/// What the programs say of themselves while all lanes work: held against `docs/metrics.md`, promtool, and what happened.
struct BusyScrape {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/metrics.md").standardizedFileURL

    let torghut: String
    let runner: String

    func judge(_ intents: Int) async throws {
        let text = try await checked()
        try Self.lint(text)
        try Self.compare(text, with: "torghut run")
        try await compareOriginals()
        let runnerText = try await scrape(runner)
        try Self.lint(runnerText)
        try Self.compare(runnerText, with: "lean-runner")
        #expect(Self.value(of: "execution_requests_total{adapter=\"lean\"}", in: text) == Double(intents))
        for name in [
            "jangar_reconcile_duration_seconds_count{kind=\"commands\"}",
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

    private func scrape(_ address: String, _ query: String = "") async throws -> String {
        let pool = HTTPPool(lanes: 1, limits: HTTPLimits(maximumResponseBytes: 16 << 20))
        let response = try await pool.exchange(HTTPRequest(.get, address + "/metrics" + query)).result.get()
        try #require(response.status == 200)
        return String(decoding: response.body, as: UTF8.self)
    }

    /// Promtool has nothing to say.
    static func lint(_ text: String) throws {
        let judged = try Judge.run("promtool", ["check", "metrics"], input: Data(text.utf8))
        #expect(judged.output + judged.errors == "" && judged.status == 0, "\(judged)")
    }

    /// Whoever asks for the original's names is told them too, of the same measurements.
    private func compareOriginals() async throws {
        let text = try await scrape(torghut, "?names=original")
        let base = Set(text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") })
        for (ours, original) in [
            ("torghut_trading_lean_latency_seconds", "torghut_trading_lean_latency_ms"),
            ("torghut_ws_lag_seconds", "torghut_ws_lag_ms"),
            ("jangar_reconcile_duration_seconds", "jangar_reconcile_duration_ms"),
        ] {
            #expect(base.contains("# TYPE \(ours) histogram") && base.contains("# TYPE \(original) histogram"))
        }
        func value(_ name: String, _ end: String) throws -> Double {
            try #require(Self.value(of: "\(name)_\(end){operation=\"submit_order\"}", in: text))
        }
        let (ours, original) = ("torghut_trading_lean_latency_seconds", "torghut_trading_lean_latency_ms")
        let (count, sum) = (try value(ours, "count"), try value(ours, "sum"))
        let (same, milliseconds) = (try value(original, "count"), try value(original, "sum"))
        #expect(count > 0 && count == same && abs(sum * 1_000 - milliseconds) < 0.001)
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
