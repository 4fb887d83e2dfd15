import Foundation
import TestSupport
import Testing

@Suite struct `The runbooks' pages` {
    @Test func `name only commands, options, metrics, settings, topics and alerts that there are`() async throws {
        let verdict = try await RunbookPages().check()
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
        let counted = try #require(verdict.lines.last)
        let numbers = counted.matches(of: #/(\d+) (\w+)/#).reduce(into: [:]) { $0[String($1.2)] = Int($1.1) ?? 0 }
        #expect(numbers["commands", default: 0] > 150 && numbers["alerts", default: 0] > 40, "\(counted)")
        #expect(["metrics", "settings", "topics"].allSatisfy { numbers[$0, default: 0] > 10 }, "\(counted)")
    }

    private struct Fault {
        let page: String
        let old: String
        let new: String
        let found: String
    }

    private static let faults = [
        Fault(
            page: "torghut-fold-stalled", old: "projections rollback ", new: "projections rolback ", found: "no such"),
        Fault(page: "torghut-parked-keys", old: "--limit 100", new: "--limited 100", found: "no option --limited"),
        Fault(page: "torghut-kill-switch-engaged", old: "--dry-run", new: "--dry-run=x", found: "takes no value"),
        Fault(page: "torghut-order-in-doubt", old: "override attempt_live", new: "override a b", found: "takes no 'b'"),
        Fault(
            page: "torghut-role-behind", old: "grep torghut_role_lag", new: "grep torghut_roll_lag",
            found: "no metric torghut_roll_lag"),
        Fault(
            page: "torghut-work-refused", old: "TRADING_COOLDOWN_SECONDS", new: "TRADING_COOLDOWN_MINUTES",
            found: "TRADING_COOLDOWN_MINUTES"),
        Fault(
            page: "torghut-stream-appends-failing", old: "torghut.trade-updates.v2", new: "torghut.trade-updates.v3",
            found: "no topic torghut.trade-updates.v3"),
        Fault(page: "torghut-root-mismatch", old: "## How to undo", new: "## Undo", found: "'How to undo'"),
        Fault(page: "torghut-stream-gap", old: "critical: ", new: "warning: ", found: "not critical"),
        Fault(
            page: "rollback-rehearsal", old: "scenario canary-breach", new: "scenario canary-bridge", found: "knows no"),
    ]

    @Test func `are found wrong where they are wrong`() async throws {
        let ground = try Ground()
        let pages = try RunbookPages(copiedTo: ground)
        for fault in Self.faults { try pages.plant(fault.page, fault.old, fault.new) }
        try FileManager.default.removeItem(atPath: pages.page("torghut-canary-breach"))
        let verdict = try await pages.check()
        #expect(verdict.status == 3, "\(verdict.output)\(verdict.errors)")
        for fault in Self.faults {
            let line = verdict.lines.first { $0.hasPrefix(fault.page + ".md") && $0.contains(fault.found) }
            #expect(line != nil, "\(fault.page): \(fault.found): \(verdict.output)")
        }
        #expect(verdict.output.contains("the alert TorghutCanaryBreach has no page"), "\(verdict.output)")
        // One line for each, and the counts.
        #expect(verdict.lines.count == Self.faults.count + 2, "\(verdict.output)")
    }

    @Test func `have one for an alert that comes, and none for one that goes`() async throws {
        let ground = try Ground()
        let rules = ground.folder + "/rules"
        try FileManager.default.copyItem(atPath: RunbookPages.house + "/deploy/prometheus", toPath: rules)
        let more = "groups:\n- name: more\n  rules:\n  - alert: TorghutTeaCold\n    labels: {severity: warning}\n"
        try more.write(toFile: rules + "/more.yml", atomically: true, encoding: .utf8)
        let pages = try RunbookPages(copiedTo: ground)
        try FileManager.default.copyItem(
            atPath: pages.page("torghut-stream-gap"), toPath: pages.page("torghut-stream-hole"))
        let verdict = try await pages.check(rules: rules)
        #expect(verdict.status == 3)
        #expect(verdict.output.contains("the alert TorghutTeaCold has no page"), "\(verdict.output)")
        #expect(verdict.output.contains("torghut-stream-hole.md: no rule raises this alert"), "\(verdict.output)")
    }
}

@Suite struct `The page of sizes` {
    private static let tools = RunbookPages.house + "/deploy/sizing/"

    @Test func `follows from what was measured`() async throws {
        let verdict = try await RunbookPages.python(["size.py", "--check"], in: Self.tools)
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
    }

    @Test func `is found wrong when the measurements say something else`() async throws {
        let ground = try Ground()
        for page in ["sizing.md", "benchmarks.md"] {
            try FileManager.default.copyItem(
                atPath: RunbookPages.house + "/docs/" + page, toPath: ground.folder + "/" + page)
        }
        let path = ground.folder + "/sizing.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let wrong = text.replacing(#/\| 1\.6 cores \|/#, with: "| 16 cores |")
        try #require(wrong != text)
        try wrong.write(toFile: path, atomically: true, encoding: .utf8)
        let verdict = try await RunbookPages.python(["size.py", "--check", "--docs", ground.folder], in: Self.tools)
        #expect(verdict.status == 3 && verdict.output.contains("the page says 16 cores"), "\(verdict.output)")
    }
}
