import Core
import Domain
import Runtime

/// What the canary's gate said, oldest first.
enum CanaryVerdicts {
    static let command = Command(
        "canary verdicts", "list what the canary's gate said, with its counts",
        details: "From the log. An amendment is a verdict of its own that names the one it amends.",
        options: [
            .valued("last", "N", "only the latest N; default 50"),
            .valued("breach", "NAME", "only of this limit: fallback_ratio_exceeded, …"),
        ]
    ) { invocation in
        let limit = try invocation.integer("last", atLeast: 1) ?? 50
        let breach = try breach(invocation.value("breach"))
        return try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            let (history, unread) = try await CanaryReading.history(opened.log)
            var listing = Listing(
                "id", "evaluated_at", "breach_type", "verdict", "observed", "limit", "sample", "minimum_sample", "lean",
                "fell_back", "pending", "action", "mode", "dry_run", "closed", "amends")
            let shown = history.verdicts.compactMap { event -> (Event, CanaryJudged)? in
                guard case .canary(.canaryJudged(let verdict)) = event.content else { return nil }
                return breach == nil || verdict.breachType == breach ? (event, verdict) : nil
            }
            for (event, verdict) in shown.suffix(Int(limit)) { add(event, verdict, to: &listing) }
            try listing.print(json: invocation.json)
            for fault in unread { StandardError.line("torghut: \(fault)") }
            return .ok
        }
    }

    private static func add(_ event: Event, _ verdict: CanaryJudged, to listing: inout Listing) {
        listing.add(
            .text("\(event.envelope.eventID)"), .text("\(verdict.window.evaluatedAt)"),
            .text(verdict.breachType.rawValue), .text(verdict.window.verdict.rawValue),
            CanaryReading.text(verdict.observed), CanaryReading.text(verdict.threshold),
            .number(verdict.window.sample), .number(verdict.window.minimumSample), .number(verdict.leanTotal),
            .number(verdict.fallbackTotal), .number(verdict.pendingTotal ?? 0), .text(verdict.action.rawValue),
            .optional(verdict.tradingMode?.rawValue), .flag(verdict.dryRun ?? false), .flag(verdict.isClosed ?? false),
            .optional(verdict.amendsEventID.map { "\($0)" }))
    }

    private static func breach(_ name: String?) throws(UsageError) -> BreachType? {
        guard let name else { return nil }
        guard let breach = BreachType(rawValue: name) else {
            let names = BreachType.allCases.map(\.rawValue)
            let nearest = NearestWord.to(name, among: names).map { "; did you mean \($0)?" } ?? ""
            throw UsageError("there is no limit '\(name)'\(nearest)")
        }
        return breach
    }
}
