internal import Core
internal import Postgres
internal import Threading

/// Reads the standing of projections, with a connection for each look; it changes nothing.
actor StandingStore {
    private nonisolated let executor = BlockingExecutor("projections.status")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let settings: PostgresSettings

    init(_ settings: PostgresSettings) { self.settings = settings }

    /// The versions readers see; empty in a database that no projector has prepared.
    func serving() throws(PostgresError) -> [StandingVersion] {
        let open = try OpenSession(settings)
        return try open.isPrepared() ? try open.versions().filter { $0.state == .serving } : []
    }

    /// Every partition of every version of these projections; of those without tables, what they would be.
    func units(of projections: [any Projection.Type]) throws(PostgresError) -> [UnitStanding] {
        let open = try OpenSession(settings)
        let isPrepared = try open.isPrepared()
        let versions = isPrepared ? try open.versions() : []
        let checkpoints = isPrepared ? try open.checkpoints() : [:]
        let owners = isPrepared ? try open.owners() : [:]
        let known = versions.filter { version in projections.contains { $0.name.text == version.projection } }
        let waiting = try open.waiting(in: known)
        return projections.flatMap { type in
            var standing = known.filter { $0.projection == type.name.text }.map {
                ($0.version, $0.fold, Optional($0.state))
            }
            if !standing.contains(where: { $0.2 == .serving }) { standing.append((0, type.fold, nil)) }
            return standing.flatMap { version, fold, state in
                (0..<type.partitions).map { partition in
                    let unit = UnitName(type.name.text, version: version, partition: partition)
                    let checkpoint = checkpoints[unit] ?? Checkpoint()
                    return UnitStanding(
                        unit: unit, state: state, fold: fold, ownFold: type.fold, sources: type.sources(of: partition),
                        vector: checkpoint.vector, root: checkpoint.root, owner: owners[unit],
                        parked: waiting[unit]?.parked ?? 0, deferred: waiting[unit]?.deferred ?? 0)
                }
            }
        }
    }
}

extension OpenSession {
    /// Whether the migrations were applied here.
    fileprivate func isPrepared() throws(PostgresError) -> Bool {
        try session.query(.sql("SELECT to_regclass('projection_versions') IS NOT NULL")).rows.bool(0, 0) ?? false
    }

    fileprivate func owners() throws(PostgresError) -> [UnitName: UnitStanding.Owner] {
        // Another role's `backend_start` is hidden: then the number of the process has to do.
        let rows = try session.query(
            .sql(
                """
                SELECT projection, version, log_partition, owner, epoch, commit_no,
                    (extract(epoch FROM committed_at) * 1000000)::bigint,
                    EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = held.backend_pid
                        AND (a.backend_start IS NULL OR a.backend_start = held.backend_start))
                FROM projection_checkpoints AS held
                """)
        ).rows
        var owners: [UnitName: UnitStanding.Owner] = [:]
        for row in 0..<rows.count {
            let unit = UnitName(
                rows.text(row, 0) ?? "", version: Int(rows.integer(row, 1) ?? 0),
                partition: Int32(rows.integer(row, 2) ?? 0))
            let commits = rows.integer(row, 5) ?? 0
            let last = rows.integer(row, 6).map { Timestamp(nanoseconds: $0 * 1_000) }
            owners[unit] = UnitStanding.Owner(
                name: rows.text(row, 3) ?? "", epoch: rows.integer(row, 4) ?? 0,
                isConnected: rows.bool(row, 7) ?? false,
                commits: commits, lastCommit: commits > 0 ? last : nil)
        }
        return owners
    }

    fileprivate func waiting(
        in versions: [StandingVersion]
    ) throws(PostgresError) -> [UnitName: (parked: Int64, deferred: Int64)] {
        guard !versions.isEmpty else { return [:] }
        let counts = versions.map { version in
            let table = PhysicalName.table(ParkedRow.table, of: version.projection, version: version.version)
            return """
                SELECT '\(version.projection)', \(version.version), log_partition,
                    count(*) FILTER (WHERE state = 'parked'), count(*) FILTER (WHERE state = 'deferred')
                FROM \(table) GROUP BY log_partition
                """
        }
        let rows = try session.query(.sql(counts.joined(separator: "\nUNION ALL "))).rows
        var waiting: [UnitName: (parked: Int64, deferred: Int64)] = [:]
        for row in 0..<rows.count {
            let unit = UnitName(
                rows.text(row, 0) ?? "", version: Int(rows.integer(row, 1) ?? 0),
                partition: Int32(rows.integer(row, 2) ?? 0))
            waiting[unit] = (rows.integer(row, 3) ?? 0, rows.integer(row, 4) ?? 0)
        }
        return waiting
    }
}
