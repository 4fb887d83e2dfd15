public import Core

/// One thing that is wrong: which part, of which process, and in words what it is.
public struct SystemFault: Sendable, Equatable {
    /// As `role router`, `database`, `lean`, `stream trade_updates:paper`, `log`.
    public let part: String
    /// `nil` where it is nobody's own.
    public let process: ProcessName?
    public let what: String
    /// The part that this one waits for and that is named itself: mend that one first.
    public let because: String?
    /// Partitions that nobody has now.
    public let orphans: [PartitionName]

    static func all(
        roles: [RoleStanding], parts: [PartStanding], _ evidence: SystemEvidence
    ) -> [SystemFault] {
        let sick = parts.filter { $0.state == .degraded || $0.state == .unknown }
        let ownSick = Set(sick.filter { $0.state == .degraded }.map(\.part))
        var found = sick.map { part in
            SystemFault(
                part: part.part, process: nil, what: "\(part.state.rawValue): \(part.detail)",
                because: cause(of: part, roles), orphans: [])
        }
        for role in roles where !role.isWell {
            found.append(
                SystemFault(
                    part: "role \(role.role.rawValue)", process: role.process,
                    what: role.state.rawValue + (role.detail.isEmpty ? "" : ": \(role.detail)") + orphaned(role),
                    because: cause(of: role, ownSick), orphans: role.orphans))
        }
        return found
    }

    private static func orphaned(_ role: RoleStanding) -> String {
        guard !role.orphans.isEmpty else { return "" }
        let first = role.orphans.prefix(3).map(\.description).joined(separator: ", ")
        let more = role.orphans.count > 3 ? " and \(role.orphans.count - 3) more" : ""
        return "; nobody has \(first)\(more)"
    }

    /// A stream is silent because its holder is; nothing else leans on a role.
    private static func cause(of part: PartStanding, _ roles: [RoleStanding]) -> String? {
        guard part.state == .unknown, part.part.hasPrefix("stream ") else { return nil }
        return roles.contains { $0.role == .ingest && $0.isSilent && $0.process.text == part.source }
            ? "role ingest" : nil
    }

    /// A role says itself what stands in its way; one that cannot be heard, because the log passes nothing on, says
    /// nothing.
    private static func cause(of role: RoleStanding, _ sick: Set<String>) -> String? {
        if sick.contains("log"), role.isSilent || role.detail.contains("log ") { return "log" }
        if sick.contains("database"), role.detail.contains("ostgres") { return "database" }
        guard !role.isSilent else { return nil }
        if let stream = sick.sorted().first(where: { $0.hasPrefix("stream ") }), role.role == .ingest,
            StreamWords.detail(role) != nil
        {
            return stream
        }
        if sick.contains(Adapter.alpaca.rawValue), role.role == .ingest { return Adapter.alpaca.rawValue }
        if sick.contains(Adapter.lean.rawValue), role.role == .lanes { return Adapter.lean.rawValue }
        return nil
    }
}
