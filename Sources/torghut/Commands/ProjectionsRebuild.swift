import Core
import Projections
import Runtime
import Threading

/// Builds new versions beside those that serve, and proves them.
enum ProjectionsRebuild {
    static let command = Command(
        "projections rebuild", "fold the log anew, beside the tables that serve",
        details: """
            Nothing of a new version is seen before 'projections promote'. It goes as far as the serving version has \
            committed when it begins; made by the same fold, it must have the same root there, else it is refused. A \
            rebuild that was interrupted is begun anew by the next one.
            """,
        options: [
            .switched("all", "every projection"),
            .valued("from", "ARCHIVE", "a folder with an archive to read in front of the log"),
        ],
        operand: ProjectionChoice.operand, answerNo: "the log gave other rows than those that serve"
    ) { invocation in
        let types = try ProjectionChoice.types(invocation)
        let settings = try invocation.settings()
        let database = try invocation.database(settings)
        return try await OpenedLog.using(settings, to: .read, archive: invocation.value("from")) { opened in
            let owner = House.processName(at: SystemTime().now())
            let rebuild = Rebuild(log: opened.log, database: database, owner: owner, observer: SpokenObserver())
            var listing = Listing("projection", "version", "partitions", "root", "proved_against")
            for type in types {
                let progress = ProgressLine("rebuilding \(type.name.text)")
                defer { progress.end() }
                do {
                    let outcome = try await rebuild.run(type) { progress.show(done: $0.folded, of: $0.total, "events") }
                    if outcome.shortBy > 0 {
                        progress.end()
                        StandardError.line(
                            "\(outcome.projection): this log ends \(outcome.shortBy) offsets before what is served; "
                                + "proved at the last commit it reaches")
                    }
                    listing.add(
                        .text(outcome.projection), .number(Int64(outcome.version)),
                        .number(Int64(outcome.partitions)), .text(outcome.root.description),
                        outcome.provedAgainst.map { .number(Int64($0)) } ?? .none)
                } catch let fault as RebuildFault {
                    guard case .otherRoot = fault else { throw fault }
                    progress.end()
                    StandardError.line("\(fault)")
                    return .no
                }
            }
            try listing.print(json: invocation.json)
            StandardError.line("'torghut projections promote' shows a new version to readers")
            return .ok
        }
    }
}
