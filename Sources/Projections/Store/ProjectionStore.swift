internal import Core
internal import Postgres
internal import Threading

/// The projections' own tables, for everything that is not a commit: one connection for each call.
actor ProjectionStore {
    private nonisolated let executor = BlockingExecutor("projections.store")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let settings: PostgresSettings

    init(_ settings: PostgresSettings) { self.settings = settings }

    func prepare(_ projections: [any Projection.Type]) throws -> Projector.Standing {
        let open = try OpenSession(settings)
        // Two processes that start at once make the tables once; the lock goes with the session.
        try open.session.run("SELECT pg_advisory_lock(hashtextextended('torghut.prepare', 0))")
        let standing = try open.versions()
        var served: [StandingProjection] = []
        var outdated: [StandingVersion] = []
        for projection in projections {
            let versions = standing.filter { $0.projection == projection.name.text }
            if let serving = versions.first(where: { $0.state == .serving }) {
                if serving.fold == projection.fold {
                    served.append(StandingProjection(projection, version: serving.version))
                } else {
                    outdated.append(serving)
                }
            } else {
                let first = StandingProjection(projection, version: 1 + (versions.map(\.version).max() ?? 0))
                try open.create(first, as: .serving, withKeys: true)
                served.append(first)
            }
        }
        return Projector.Standing(served: served, outdated: outdated)
    }

    /// The lowest position each source was folded to, over all the units that read it.
    func lowestPositions(
        of standing: [StandingProjection], _ partitions: [Int32]
    ) throws -> [TopicPartition: Int64] {
        let checkpoints = try OpenSession(settings).checkpoints()
        var lowest: [TopicPartition: Int64] = [:]
        for projection in standing {
            for partition in partitions where partition < projection.type.partitions {
                let unit = UnitName(projection.type.name.text, version: projection.version, partition: partition)
                for source in projection.type.sources(of: partition) {
                    let folded = checkpoints[unit]?.vector[source]?.next ?? 0
                    lowest[source] = min(lowest[source] ?? .max, folded)
                }
            }
        }
        return lowest
    }
}

extension OpenSession {
    /// What stands in the checkpoints now, whoever owns them.
    func checkpoints() throws(PostgresError) -> [UnitName: Checkpoint] {
        let rows = try session.query(
            .sql(
                """
                SELECT projection, version, log_partition, vector, root, epoch, commit_no, awaited
                FROM projection_checkpoints
                """)
        ).rows
        return try Self.checkpoints(rows)
    }
}
