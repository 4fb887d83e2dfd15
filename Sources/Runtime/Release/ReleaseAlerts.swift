internal import HTTPClient
internal import JSON

/// Alerts of Prometheus whose label says that they block releases: the objectives that are measured over a month.
///
/// The rules say themselves what they block, so that the judgement stands once, beside its expression.
enum ReleaseAlerts {
    /// The label of a rule; its value is one of `ReleaseLine.Blocks`.
    static let label: StaticString = "blocks"
    /// Objectives that have to be measured, by the label `slo` of the rules that judge them.
    static let objectives = ["api-availability", "metrics-availability"]
    /// A series of the rules that is there whenever Prometheus asks one of our processes.
    static let measured = "torghut:scrapes:count1h"

    private struct Rule {
        let name: String
        /// `nil`: a word that is none.
        let blocks: ReleaseLine.Blocks?
        let objective: String?
        let state: String
        let health: String
        let says: String
        let runbook: String?
    }

    static func lines(_ settings: DownstreamSettings) async -> [ReleaseLine] {
        guard let place = settings.prometheus else {
            let says = "not asked: no \(DownstreamSettings.prometheusSetting) set"
            return objectives.map {
                ReleaseLine("objective", $0, .notAsked, $0 == "api-availability" ? .releases : .controllers, says)
            }
        }
        do {
            let address = place.address + "/api/v1/rules?type=alert"
            let body = try await DownstreamQuestions(settings).body(HTTPRequest(.get, address))
            let rules = try rules(in: body)
            let missing = objectives.filter { objective in !rules.contains { $0.objective == objective } }
            guard missing.isEmpty else {
                let names = missing.joined(separator: ", ")
                return [unlooked("no rule there has '\(label)' for \(names): are deploy/prometheus' rules loaded?")]
            }
            return try await [measuring(place, settings)] + rules.sorted { $0.name < $1.name }.map(line)
        } catch let error as DownstreamQuestions.Unanswered {
            return [unlooked("\(place.address): \(error.why)")]
        } catch { return [unlooked("\(place.address): its answer cannot be read: \(error)")] }
    }

    /// What cannot be looked at is not green.
    private static func unlooked(_ why: String) -> ReleaseLine {
        ReleaseLine(
            "alert", "prometheus", .no, .releases, why, next: "is Prometheus up, and does it have the rules?")
    }

    /// Rules over series that nobody scrapes are quiet, and say nothing.
    private static func measuring(
        _ place: DownstreamSettings.Place, _ settings: DownstreamSettings
    ) async throws -> ReleaseLine {
        let address = "\(place.address)/api/v1/query?query=\(Escaping.part(measured))"
        let body = try await DownstreamQuestions(settings).body(HTTPRequest(.get, address))
        var parser = JSONParser()
        var series = try parser.parse(body).field("data")?.field("result")?.elements()
        guard series?.next() != nil else {
            return unlooked("\(measured) has no value: it scrapes none of our processes")
        }
        return ReleaseLine("alert", "prometheus", .ok, .releases, "it scrapes our processes")
    }

    private static func line(_ rule: Rule) -> ReleaseLine {
        guard let blocks = rule.blocks else {
            let words = ReleaseLine.Blocks.allCases.map(\.rawValue).joined(separator: ", ")
            return ReleaseLine(
                "alert", rule.name, .no, .releases,
                "what it blocks is no word: its label '\(label)' is one of \(words)",
                next: "mend the rule in Prometheus")
        }
        if rule.health != "ok" {
            return ReleaseLine(
                "alert", rule.name, .no, blocks, "it cannot be judged: its health is \(rule.health)",
                next: "look at the rule in Prometheus")
        }
        guard rule.state == "firing" else { return ReleaseLine("alert", rule.name, .ok, blocks, rule.state) }
        let next = rule.runbook ?? "look at the alert's runbook"
        return ReleaseLine("alert", rule.name, .no, blocks, "firing: \(rule.says)", next: next)
    }

    private static func quoted(_ text: String?, or usual: String) -> String {
        text.map { DownstreamQuestions.quoted($0) } ?? usual
    }

    private static func rules(in body: [UInt8]) throws -> [Rule] {
        var parser = JSONParser()
        let root = try parser.parse(body)
        guard var groups = root.field("data")?.field("groups")?.elements() else {
            throw DownstreamQuestions.Unanswered(why: "its answer has no groups")
        }
        var found: [Rule] = []
        while let group = groups.next() {
            guard var rules = group.field("rules")?.elements() else { continue }
            while let rule = rules.next() {
                let labels = rule.field("labels")
                guard let word = labels?.field(label)?.string else { continue }
                let annotations = rule.field("annotations")
                found.append(
                    Rule(
                        name: quoted(rule.field("name")?.string, or: "?"), blocks: .init(rawValue: word),
                        objective: labels?.field("slo")?.string,
                        state: quoted(rule.field("state")?.string, or: "unknown"),
                        health: quoted(rule.field("health")?.string, or: "unknown"),
                        says: quoted(annotations?.field("summary")?.string, or: ""),
                        runbook: annotations?.field("runbook_url")?.string.map { quoted($0, or: "") }))
            }
        }
        return found
    }
}
