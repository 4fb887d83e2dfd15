import Core
import Domain
import JSON
import Runtime
import Threading

/// Whether a release may go out: no while a breach is open that stops it.
enum ReleaseCheck {
    static let command = Command(
        "release-check", "may a release go out? exit code 3 while a breach that blocks it is open",
        details: """
            From the log: parts that are ill for more than ten minutes, incidents, an emergency stop, orders in doubt,
            books that differ, records that wait, the critical parity mismatch. From Prometheus
            (TORGHUT_PROMETHEUS_URL): firing alerts whose label 'blocks' says so, among them the objectives that are
            measured over a month.

            Each blocker says what it blocks and what to do. The kill switch blocks nothing: a release while nothing
            trades is the safest. See docs/downstream.md.
            """,
        options: DownstreamAsking.options + [
            .valued("for", "WHAT", "controllers, canary (promotion to the live canary) or other; default all"),
            .switched("strict", "what is not asked counts as no"),
        ],
        answerNo: "a breach is open that blocks it; each is named"
    ) { invocation in
        let kind = try kind(invocation)
        let settings = try invocation.settings()
        let downstream = try DownstreamAsking.settings(invocation, settings)
        var lines = try await ReleaseLook.read(settings, downstream, time: SystemTime())
        lines += try await mismatches(settings)
        let blockers = lines.filter { $0.stops(kind) }
        let open = lines.filter { $0.verdict == .notAsked }
        let mayGo = blockers.isEmpty && (open.isEmpty || !invocation.has("strict"))
        let says =
            (mayGo ? "yes: nothing that was asked blocks it" : "no: \(blockers.count) blockers")
            + (open.isEmpty ? "" : "; \(open.count) not asked")
        try print(lines, blockers, mayGo: mayGo, says, json: invocation.json)
        return mayGo ? .ok : .no
    }

    /// `nil` for a release of any kind; `.releases` for one that touches neither controllers nor the canary.
    private static func kind(_ invocation: Invocation) throws(UsageError) -> ReleaseLine.Blocks? {
        switch invocation.value("for") {
        case nil: nil
        case "controllers": .controllers
        case "canary": .canary
        case "other": .releases
        case let word?: throw UsageError("--for is controllers, canary or other, not '\(word)'")
        }
    }

    /// The objective of no critical mismatch between the routes, by the rollout's own gate.
    private static func mismatches(_ settings: Settings) async throws -> [ReleaseLine] {
        let found = try await OpenedLog.using(settings, to: .read) { opened in
            try await RolloutReading.criticalMismatches(opened.log, settings.policy)
        }
        guard !found.isEmpty else {
            return [ReleaseLine("objective", "parity_mismatch", .ok, .canary, "no critical mismatch")]
        }
        return found.map {
            ReleaseLine("objective", "parity_mismatch", .no, .canary, $0, next: "torghut parity report")
        }
    }

    private static func print(
        _ lines: [ReleaseLine], _ blockers: [ReleaseLine], mayGo: Bool, _ says: String, json: Bool
    ) throws {
        guard !json else { return try StandardOutput().write(text(of: lines, blockers, mayGo: mayGo, says)) }
        var listing = Listing("what", "name", "verdict", "blocks", "says")
        for line in lines {
            listing.add(
                .text(line.what), .text(line.name), .text(line.verdict.rawValue), .text(line.blocks.rawValue),
                .text(line.says))
        }
        try listing.print(json: false)
        for line in blockers {
            try StandardOutput().line("blocks \(line.blocks.rawValue): \(line.what) \(line.name): \(line.says)")
            if let next = line.next { try StandardOutput().line("    next: \(next)") }
        }
        try StandardOutput().line(says)
    }

    private static func text(
        of lines: [ReleaseLine], _ blockers: [ReleaseLine], mayGo: Bool, _ says: String
    ) -> [UInt8] {
        var json = JSONWriter()
        for line in lines {
            json.object { json in
                json.field("what", line.what)
                json.field("name", line.name)
                json.field("verdict", line.verdict.rawValue)
                json.field("blocks", line.blocks.rawValue)
                json.key("blocking")
                json.bool(blockers.contains(line))
                json.field("says", line.says)
                json.field("next", line.next)
            }
            json.newline()
        }
        json.object { json in
            json.field("verdict", mayGo ? "ok" : "no")
            json.field("says", says)
            json.field("blockers", blockers.count)
        }
        json.newline()
        return json.finish()
    }
}
