import Core
import Domain
import Folding
import Runtime
import Threading

/// How every role of every process is, judged from its heartbeats.
enum Roles {
    static let command = Command(
        "roles", "how every role of every process is, and how far behind",
        details: """
            Each role says every \(Heart.every.components.seconds) s on \(TopicCatalog.heartbeats.name) where it is. One \
            that was silent for \(SightingLimits().silence.components.seconds) s is unknown; one that does not look for \
            more, or stands still while there is more, is degraded, whatever it says of itself. A role that stands by \
            for another process is well. Processes whose work another one does now are listed as replaced.
            """,
        answerNo: "a role is degraded, unknown or does not work, or none was ever heard"
    ) { invocation in
        let settings = try invocation.settings()
        let sightings = try await OpenedLog.using(settings, to: .read) { try await RoleView.read($0.log) }
        let standings = sightings.standings(at: SystemTime().now())
        var listing = Listing("role", "process", "state", "since", "seen", "last_progress", "lag", "idle", "detail")
        for standing in standings {
            listing.add(
                .text(standing.role.rawValue), .text(standing.process.text),
                .text(standing.isReplaced ? "replaced" : standing.state.rawValue), .text("\(standing.startedAt)"),
                .text("\(standing.seenAt)"), standing.lastProgressAt.map { .text("\($0)") } ?? .none,
                .number(standing.lag), .flag(standing.idleProved),
                standing.detail.isEmpty ? .none : .text(standing.detail))
        }
        try listing.print(json: invocation.json)
        let isWell = !standings.isEmpty && standings.allSatisfy(\.isWell)
        if !invocation.json, standings.isEmpty { try StandardOutput().line("no: no role was ever heard") }
        return isWell ? .ok : .no
    }
}
