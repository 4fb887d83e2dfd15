import Foundation
import TestSupport
import Testing

/// The alerts of `deploy/prometheus`, judged by promtool on series that were recorded of a busy system.
///
/// That the recording is of this program, and that each name is scraped, `All five lanes at once` sees.
@Suite struct `The alerts` {
    private static let judge = "prometheus/judge.py"

    private func holds(_ words: String...) async throws -> Judge.Verdict {
        let verdict: Judge.Verdict
        switch words.count {
        case 1: verdict = try await Watcher.judge(Self.judge, words[0])
        default: verdict = try await Watcher.judge(Self.judge, words[0], words[1])
        }
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
        return verdict
    }

    @Test func `are rules that promtool reads, with a configuration and a routing that are read too`() async throws {
        _ = try await holds("rules")
    }

    @Test func `name nothing that is not measured`() async throws { _ = try await holds("names") }

    @Test func `fire when they should, and not below their limits, without data, or against the market's hours`()
        async throws
    {
        print(try await holds("tests").output, terminator: "")
    }

    @Test func `are each caught when one comparison is turned round`() async throws {
        print(try await holds("reversed").output, terminator: "")
    }

    @Test func `have a page each, and each page has its alert`() async throws {
        let pages = URL(filePath: WatchingPrometheus.deploy).deletingLastPathComponent().appending(
            path: "docs/runbooks")
        _ = try await holds("pages", pages.path)
    }

    @Test func `stand in the table of their page, and no other does`() async throws {
        let table = try await holds("table").output
        let page = URL(filePath: WatchingPrometheus.deploy).deletingLastPathComponent().appending(
            path: "docs/alerts.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let written = text.split(separator: "\n").filter { $0.hasPrefix("| [Torghut") }
        #expect(written == table.split(separator: "\n"))
    }

    /// What is broken, and what the judge has to say of it.
    private static let faults = [
        ("names", "torghut_projection_parked_keys)", "torghut_projection_parked_records)", "is no metric of ours"),
        ("names", "what=\"emergency_stop\"", "kind=\"emergency_stop\"", "has no label kind"),
        ("names", "max by (breach_type)", "max by (breach)", "nothing of it has a label breach"),
        ("names", "what=\"emergency_stop\"", "what=\"emergency\"", "no scraped series is"),
        ("rules", "max by (role) (torghut_role_lag", "max by role (torghut_role_lag", "parse"),
        ("tests", "in_doubt_oldest_seconds) > 120", "in_doubt_oldest_seconds) < 120", "TorghutOrderInDoubt"),
        ("tests", "and on () max(torghut_market_session_open) == 1", "", "TorghutStreamNotReady"),
        ("tests", "and on () sum(increase(\(leanRequests)[15m])) >= 20", "", "TorghutLeanErrorRatioHigh"),
        ("tests", "> 14.4 * 0.001", "> 1.44 * 0.001", "TorghutApiBudgetBurnsFast"),
    ]
    private static let leanRequests = "torghut_trading_lean_request_total"

    @Test(arguments: faults)
    func `are judged by tests that find a planted fault`(word: String, right: String, wrong: String, said: String)
        async throws
    {
        let folder = TemporaryFolder()
        let rules = WatchingPrometheus.deploy + "/prometheus/rules"
        var planted = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: rules) {
            let text = try String(contentsOfFile: "\(rules)/\(name)", encoding: .utf8)
            planted += text.components(separatedBy: right).count - 1
            try text.replacing(right, with: wrong).write(
                toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
        }
        try #require(planted > 0, "nothing to break")
        let broken = ["TORGHUT_RULES=\(folder.path)"]
        let verdict =
            word == "tests"
            ? try await Watcher.judge(Self.judge, word, said, environment: broken)
            : try await Watcher.judge(Self.judge, word, environment: broken)
        #expect(verdict.status == 1 && (verdict.output + verdict.errors).contains(said), "\(verdict)")
    }
}
