import Core
import Postgres
import Projections
import Runtime
import Threading

/// Which version readers see.
enum ProjectionsSwitch {
    private static let all = CommandOption.switched("all", "every projection that has one")

    static let promote = Command(
        "projections promote", "show readers the version that was rebuilt",
        details: """
            Switches the views in one transaction, at the same position of the log; the version before is kept for \
            'projections rollback'. The projector goes on with the new one by itself.
            """,
        options: [all], operand: ProjectionChoice.operand
    ) { try await run($0, "now serving", state: .ready) { try await [$0.promote($1)] } }

    static let rollback = Command(
        "projections rollback", "show readers the version before again", options: [all],
        operand: ProjectionChoice.operand
    ) { try await run($0, "now serving", state: .retired) { try await [$0.rollBack($1)] } }

    static let drop = Command(
        "projections drop", "remove every version that readers do not see", options: [all],
        operand: ProjectionChoice.operand
    ) { try await run($0, "removed", state: nil) { try await $0.drop($1) } }

    /// With `--all`, only projections that have a version in this state.
    private static func run(
        _ invocation: Invocation, _ word: String, state: StandingVersion.State?,
        _ body: @escaping @Sendable (Rebuild, any Projection.Type) async throws -> [StandingVersion]
    ) async throws -> ExitCode {
        var types = try ProjectionChoice.types(invocation)
        let settings = try invocation.settings()
        let database = try invocation.database(settings)
        return try await OpenedLog.using(settings, to: .read) { opened in
            if invocation.has("all"), let state {
                let status = ProjectionStatus(log: opened.log, database: database, types)
                let having = Set(try await status.standing().filter { $0.state == state }.map(\.unit.projection))
                types = types.filter { having.contains($0.name.text) }
            }
            let owner = House.processName(at: SystemTime().now())
            let rebuild = Rebuild(log: opened.log, database: database, owner: owner, observer: SpokenObserver())
            var listing = Listing("projection", "version", "fold", "done")
            for type in types {
                for version in try await body(rebuild, type) {
                    listing.add(
                        .text(version.projection), .number(Int64(version.version)), .number(Int64(version.fold)),
                        .text(word))
                }
            }
            if invocation.json || !listing.isEmpty { try listing.print(json: invocation.json) }
            if listing.isEmpty { StandardError.line("nothing to do") }
            return .ok
        }
    }
}
