public import Core
internal import Domain
internal import Folding

/// Whether a breach that stops releases is open: the matrix of objectives, one line each, from the log and Prometheus.
///
/// What `torghut status` says against going on is a breach too, but for the stops: a release while nothing trades is
/// the safest there is.
public enum ReleaseLook {
    /// A part that is ill for longer is a breach of its objective.
    public static let maximumIllness: Duration = .seconds(600)

    public static func read(
        _ settings: Settings, _ downstream: DownstreamSettings, time: any TimeSource
    ) async throws -> [ReleaseLine] {
        let safety = await Safety.read(settings, time: time)
        let sightings = try await OpenedLog.using(settings, to: .read) { try await RoleView.read($0.log) }
        var lines = roles(sightings.standings(at: time.now()), at: time.now()) + judged(safety)
        lines += await ReleaseAlerts.lines(downstream)
        // Their metrics come with market data and with a model that is asked; until then nobody can say.
        lines.append(
            ReleaseLine("objective", "llm_error_ratio", .notAsked, .releases, "no source yet: no model is asked"))
        lines.append(
            ReleaseLine(
                "objective", "ta_freshness_lag", .notAsked, .releases, "no source yet: it comes with market data"))
        return lines
    }

    /// The degraded duration of controllers: below ten minutes.
    static func roles(_ standings: [RoleStanding], at now: Timestamp) -> [ReleaseLine] {
        guard !standings.isEmpty else {
            let says = "no role was heard for as long as heartbeats are kept: start one, or it is a first installation"
            return [ReleaseLine("objective", "degraded_duration", .notAsked, .releases, says)]
        }
        let ill = standings.filter { !$0.isWell }
        guard !ill.isEmpty else {
            return [ReleaseLine("objective", "degraded_duration", .ok, .releases, "no role is ill")]
        }
        return ill.map { standing in
            let lasts = max(.zero, now.since(standing.illSince ?? standing.startedAt))
            let name = "degraded_duration \(standing.role.rawValue) \(standing.process.text)"
            let says = "\(standing.state.rawValue) for \(lasts.wholeSeconds) s"
            guard lasts > maximumIllness else {
                return ReleaseLine(
                    "objective", name, .ok, .releases, "\(says); a breach after \(maximumIllness.wholeSeconds) s")
            }
            return ReleaseLine("objective", name, .no, .releases, says, next: "torghut roles")
        }
    }

    /// Roles are judged by how long they are ill, and stops stop no release.
    static func judged(_ safety: Safety) -> [ReleaseLine] {
        let reasons = safety.reasons.filter { $0.what != "role" && $0.what != "kill_switch" }
        var lines = reasons.map { finding in
            let isParity = finding.what == "canary" && finding.name == BreachType.parityMismatch.rawValue
            return ReleaseLine(
                finding.what, finding.name, .no, isParity ? .canary : .releases,
                "\(finding.state): \(finding.reason ?? "")", next: finding.next)
        }
        if reasons.isEmpty {
            lines.append(ReleaseLine("status", "safety", .ok, .releases, "nothing stands against it"))
        }
        for stop in safety.reasons where stop.what == "kill_switch" {
            lines.append(
                ReleaseLine(
                    "kill_switch", stop.name, .ok, .releases, "engaged; a release while nothing trades is the safest"))
        }
        return lines
    }
}
