import Core
import Postgres
import Projections
import Runtime
import Threading

/// Which projections a command is about.
enum ProjectionChoice {
    static let operand = Operand(name: "NAME", summary: "the projection, as 'projections status' names it")

    /// The one that is named, or all of them when `--all` is given.
    static func types(_ invocation: Invocation, allByDefault: Bool = false) throws(UsageError) -> [any Projection.Type]
    {
        if let name = invocation.operand {
            guard !invocation.has("all") else { throw UsageError("name a projection, or --all, and not both") }
            let known = try QuarantineList.known(name)
            return ReadModels.all.filter { $0.name.text == known }
        }
        guard allByDefault || invocation.has("all") else {
            throw UsageError("\(invocation.command.name) needs a projection's name, or --all")
        }
        return ReadModels.all
    }

    /// The versions that readers see; a projection without one is left out.
    static func serving(
        _ types: [any Projection.Type], _ status: ProjectionStatus
    ) async throws -> [(version: StandingVersion, standing: StandingProjection)] {
        let versions = try await status.serving()
        return types.compactMap { type in
            versions.first { $0.projection == type.name.text }.map { version in
                (version, StandingProjection(type, version: version.version))
            }
        }
    }
}

/// Tells on standard error what a command meets on its way.
struct SpokenObserver: ProjectionObserver {
    func committed(_ commits: [ProjectionCommit]) {}
    func noted(_ note: ProjectionNote) { StandardError.line("\(note.kind.rawValue): \(note.text)") }
    // Only the role that owns a partition tells parked records on the log.
    func parked(_ row: ParkedRow, of unit: UnitName) async {}
}
