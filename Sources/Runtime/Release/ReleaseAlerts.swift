internal import HTTPClient
internal import JSON

/// Alerts of Prometheus whose label says that they block releases: the objectives that are measured over a month.
///
/// The rules say themselves what they block, so that the judgement stands once, beside its expression.
enum ReleaseAlerts {
    /// The label of a rule; its value is one of `ReleaseLine.Blocks`.
    static let label = "blocks"

    private struct Rule {
        let name: String
        let blocks: ReleaseLine.Blocks
        let state: String
        let health: String
        let says: String
        let runbook: String?
    }

    static func lines(_ settings: DownstreamSettings) async -> [ReleaseLine] {
        guard let place = settings.prometheus else {
            let says = "not asked: no \(DownstreamSettings.prometheusSetting) set"
            return ["api_availability", "metrics_availability"].map {
                ReleaseLine(
                    "objective", $0, .notAsked, $0 == "api_availability" ? .releases : .controllers, says)
            }
        }
        do {
            let address = place.address + "/api/v1/rules?type=alert"
            let body = try await DownstreamQuestions(settings).body(HTTPRequest(.get, address))
            let rules = try rules(in: body)
            guard !rules.isEmpty else {
                return [unlooked("no rule there has the label '\(label)': are deploy/prometheus' rules loaded?")]
            }
            return rules.sorted { $0.name < $1.name }.map(line)
        } catch let error as DownstreamQuestions.Unanswered {
            return [unlooked("\(place.address): \(error.why)")]
        } catch { return [unlooked("\(place.address): its answer cannot be read: \(error)")] }
    }

    /// What cannot be looked at is not green.
    private static func unlooked(_ why: String) -> ReleaseLine {
        ReleaseLine(
            "alert", "prometheus", .no, .releases, why, next: "is Prometheus up, and does it have the rules?")
    }

    private static func line(_ rule: Rule) -> ReleaseLine {
        if rule.health != "ok" {
            return ReleaseLine(
                "alert", rule.name, .no, rule.blocks, "it cannot be judged: its health is \(rule.health)",
                next: "look at the rule in Prometheus")
        }
        guard rule.state == "firing" else { return ReleaseLine("alert", rule.name, .ok, rule.blocks, rule.state) }
        let next = rule.runbook ?? "look at the alert's runbook"
        return ReleaseLine("alert", rule.name, .no, rule.blocks, "firing: \(rule.says)", next: next)
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
                guard let word = rule.field("labels")?.field("blocks")?.string,
                    let blocks = ReleaseLine.Blocks(rawValue: word)
                else { continue }
                let annotations = rule.field("annotations")
                found.append(
                    Rule(
                        name: rule.field("name")?.string ?? "?", blocks: blocks,
                        state: rule.field("state")?.string ?? "unknown",
                        health: rule.field("health")?.string ?? "unknown",
                        says: DownstreamQuestions.quoted(Array((annotations?.field("summary")?.string ?? "").utf8)),
                        runbook: annotations?.field("runbook_url")?.string))
            }
        }
        return found
    }
}
