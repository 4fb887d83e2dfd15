import Foundation
import TestSupport
import Testing

@Suite struct `Whether a release may go out` {
    private static func check(_ program: Program, _ arguments: String...) async throws -> (Int32, [String], String) {
        let output = try await program.run(["release-check", "--json"] + arguments)
        let lines = try output.lines.map(fields)
        let blockers = lines.filter { $0["blocking"] as? Bool == true }.map {
            "\($0["what"] ?? "?") \($0["name"] ?? "?")"
        }
        return (output.status, blockers, output.text + output.err)
    }

    @Test func `is yes while nothing is open, and says what nobody asked`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let (status, blockers, text) = try await Self.check(program)
        #expect(status == 0 && blockers == [], "\(text)")
        #expect(text.contains("5 not asked") && text.contains("no TORGHUT_PROMETHEUS_URL set"), "\(text)")
        #expect(text.contains("engaged; a release while nothing trades is the safest"), "\(text)")
        #expect(try await Self.check(program, "--strict").0 == 3)
        #expect(try await program.run("release-check", "--for", "fun").status == 2)
        #expect(try await program.run("release-check", "--data", "/nowhere/at/all").status == 1)
    }

    @Test func `is no while a breach is open, by its name and with what to do`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        try await program.tell(StoryTeller(StoryTeller.Settings(seed: 4, orders: 600, symbols: 6, open: 12)))
        let (status, blockers, text) = try await Self.check(program)
        #expect(status == 3, "\(text)")
        for what in ["incident ", "in_doubt ", "discrepancy ", "quarantine "] {
            #expect(blockers.contains { $0.hasPrefix(what) }, "\(what): \(text)")
        }
        let shown = try await program.run("release-check").text
        #expect(
            shown.contains("blocks releases: incident ") && shown.contains("next: torghut canary incidents resolve"))
    }

    @Test func `asks Prometheus for alerts that block it`() async throws {
        var program = try Program(Ground())
        try await program.prepared()
        func asked(_ rules: String) async throws -> (Int32, [String], String) {
            let prometheus = try await RunningPrometheus(in: program.ground.folder, rules: rules)
            program.environment["TORGHUT_PROMETHEUS_URL"] = prometheus.address
            var answer = try await Self.check(program)
            try await eventually("judged rules") {
                answer = try await Self.check(program)
                return !answer.2.contains("health is unknown")
            }
            try await prometheus.stop()
            return answer
        }
        func rule(_ name: String, _ value: Int, _ labels: String) -> String {
            "  - alert: \(name)\n    expr: vector(\(value)) > 0\n    labels: {\(labels)}\n"
                + "    annotations: {summary: 'It is said here.', runbook_url: 'docs/runbooks/\(name).md'}\n"
        }
        let scraped = "  - record: torghut:scrapes:count1h\n    expr: vector(60)\n"
        let quietly =
            rule("Quiet", 0, "blocks: releases, slo: api-availability")
            + rule("Still", 0, "blocks: controllers, slo: metrics-availability")
        let firing = try await asked(
            scraped + quietly + rule("Budget", 1, "blocks: releases") + rule("Scrapes", 1, "blocks: controllers")
                + rule("Spelled", 0, "blocks: release") + rule("Other", 1, "severity: critical"))
        #expect(firing.0 == 3 && firing.1 == ["alert Budget", "alert Scrapes", "alert Spelled"], "\(firing.2)")
        #expect(firing.2.contains("docs/runbooks/Budget.md") && firing.2.contains("It is said here."), "\(firing.2)")
        let quiet = try await asked(scraped + quietly)
        #expect(quiet.0 == 0 && quiet.2.contains("3 not asked"), "\(quiet.2)")
        let unscraped = try await asked(quietly)
        #expect(unscraped.1 == ["alert prometheus"] && unscraped.2.contains("scrapes none of our"), "\(unscraped.2)")
        let without = try await asked(scraped + rule("Quiet", 0, "blocks: releases, slo: api-availability"))
        #expect(without.1 == ["alert prometheus"], "\(without.2)")
        #expect(without.2.contains("no rule there has 'blocks' for metrics-availability"), "\(without.2)")
        let gone = try await Self.check(program)
        #expect(gone.0 == 3 && gone.1 == ["alert prometheus"], "\(gone.2)")
    }
}

/// Debian's Prometheus with some rules and nothing to scrape.
private final class RunningPrometheus: Sendable {
    private let process = Process()
    let address: String

    init(in folder: String, rules: String) async throws {
        let home = "\(folder)/prometheus-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try "groups:\n- name: a\n  interval: 1s\n  rules:\n\(rules)".write(
            toFile: home + "/rules.yml", atomically: true, encoding: .utf8)
        try "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n".write(
            toFile: home + "/prometheus.yml", atomically: true, encoding: .utf8)
        let said = home + "/said"
        try Data().write(to: URL(filePath: said))
        process.executableURL = URL(filePath: "/usr/bin/prometheus")
        process.arguments = [
            "--config.file=\(home)/prometheus.yml", "--storage.tsdb.path=\(home)/data",
            "--web.listen-address=127.0.0.1:0",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: said)
        try process.run()
        address = "http://127.0.0.1:\(try await WatchingPrometheus.port(of: process, in: said))"
        let ready = address + "/-/ready"
        try await eventually("a ready Prometheus") {
            try await aside { try Judge.run("curl", ["-sf", "--max-time", "2", ready]).status == 0 }
        }
    }

    func stop() async throws {
        kill(process.processIdentifier, SIGTERM)
        _ = try await process.finish()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}
