/// What has to be in place before a role can lead, and what of it is missing.
public struct RoleRequirement: Sendable, Equatable {
    public let role: RoleName
    /// Each by its name: `topic …`, `migration …`, `read model …`.
    public let missing: [String]
    /// What nobody could look at.
    public let unchecked: [String]

    public var isReady: Bool { missing.isEmpty && unchecked.isEmpty }

    static func all(_ evidence: SystemEvidence) -> [RoleRequirement] {
        let roles: [RoleName] = [.ingest, .projections, .commands, .router, .gates, .lanes, .api]
        return roles.map { role in
            var (missing, unchecked) = ([String](), [String]())
            if let topics = evidence.log.missingTopics {
                missing += topics.map { "topic \($0)" }
            } else {
                unchecked.append("topics")
            }
            switch role {
            case .projections, .api: tables(evidence.database, role, &missing, &unchecked)
            case .ingest, .commands, .router, .gates, .lanes, .archiver: break
            }
            return RoleRequirement(role: role, missing: missing, unchecked: unchecked)
        }
    }

    private static func tables(
        _ database: DatabaseEvidence?, _ role: RoleName, _ missing: inout [String], _ unchecked: inout [String]
    ) {
        guard let database else { return unchecked.append("database") }
        if let names = database.missingMigrations {
            missing += names.map { "migration \($0)" }
        } else {
            unchecked.append("migrations")
        }
        // Projections make their tables themselves; readers need them.
        guard role == .api else { return }
        if let names = database.missingReadModels {
            missing += names.map { "read model \($0)" }
        } else {
            unchecked.append("read models")
        }
    }
}
