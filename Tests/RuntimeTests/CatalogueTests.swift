import Foundation
import Telemetry
import Testing

@testable import Runtime

/// `docs/metrics.md` as it is read by people: one row per family.
struct MetricsPage {
    struct Row: Hashable, CustomStringConvertible {
        let name: String
        let kind: String
        let labels: String
        let meaning: String

        var description: String { "| `\(name)` | \(kind) | \(labels) | \(meaning) |" }
    }

    static let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/metrics.md")
        .standardizedFileURL

    /// Rows of the sections below a heading of the second level.
    static func rows(of section: String) throws -> [Row] {
        let text = try String(contentsOf: path, encoding: .utf8)
        let part = text.components(separatedBy: "\n## ").first { $0.hasPrefix(section + "\n") } ?? ""
        return part.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.components(separatedBy: " | ").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " |`"))
            }
            return Row(
                name: cells[0], kind: cells.count > 1 ? cells[1] : "", labels: cells.count > 2 ? cells[2] : "",
                meaning: cells.count > 3 ? cells[3] : "")
        }
    }
}

@Suite struct `The catalogue of metrics` {
    @Test func `names every family that a process has, with its kind, labels and meaning, and no other`() throws {
        let registry = Registry()
        HouseMetrics.declare(in: registry)
        let declared = registry.catalogue.map { family in
            MetricsPage.Row(
                name: family.name, kind: family.kind,
                labels: family.labels.isEmpty ? "–" : family.labels.joined(separator: ", "), meaning: family.help)
        }
        let written = try MetricsPage.rows(of: "torghut run")
        let missing = declared.filter { !written.contains($0) }
        let unknown = written.filter { !declared.contains($0) }
        #expect(missing.isEmpty, "not in docs/metrics.md:\n\(missing.map(\.description).joined(separator: "\n"))")
        #expect(unknown.isEmpty, "nobody measures:\n\(unknown.map(\.description).joined(separator: "\n"))")
        let originals = registry.originals.map { family in
            MetricsPage.Row(
                name: family.name, kind: family.kind, labels: family.labels.isEmpty ? "–" : family.labels.joined(),
                meaning: family.help)
        }
        #expect(try MetricsPage.rows(of: "The original's names") == originals)
        #expect(registry.originals.allSatisfy { original in declared.contains { $0.name == original.of } })
        #expect(written.count == Set(written.map(\.name)).count, "a family has two rows")
    }

    /// What the seeds ask for by name, of what there is.
    @Test func `has every name of the original that belongs to what there is`() {
        let registry = Registry()
        HouseMetrics.declare(in: registry)
        let lean = ["request_total", "latency_ms", "failure_taxonomy_total", "shadow_parity_total"].map { "lean_" + $0 }
        let lanes = ["shadow_failure_total", "strategy_shadow_total", "canary_breach_total"].map { "lean_" + $0 }
        let feed = [
            "messages", "events_persisted", "duplicates", "out_of_order", "missing_fields", "apply_updates",
            "consumer_errors",
        ].map { "order_feed_\($0)_total" }
        var kinds = registry.catalogue.reduce(into: [:]) { $0[$1.name] = $1.kind }
        for original in registry.originals { kinds[original.name] = original.kind }
        for name in (lean + lanes + feed).map({ "torghut_trading_" + $0 }) {
            #expect(kinds[name] == (name.hasSuffix("_ms") ? "histogram" : "counter"), "\(name)")
        }
        for name in ["execution_requests_total", "execution_fallback_total", "execution_fallback_reason_total"] {
            #expect(kinds[name] == "counter", "\(name)")
        }
        #expect(kinds["jangar_reconcile_duration_ms"] == "histogram")
        // A queue has a depth now; the original's histogram kept its peaks for ever.
        #expect(kinds["jangar_agents_queue_depth"] == "gauge")
        for name in ["leader_changes", "agent_run_outcomes", "agents_rate_limit_rejections"] {
            #expect(kinds["jangar_\(name)_total"] == "counter", "\(name)")
        }
    }
}
