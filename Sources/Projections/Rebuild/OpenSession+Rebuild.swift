internal import Postgres

extension OpenSession {
    /// Held by the session that rebuilds; false when another one does.
    func lockRebuild(of projection: String) throws(PostgresError) -> Bool {
        var parameters = Parameters()
        parameters.append("torghut.rebuild.\(projection)")
        return try session.query(.sql("SELECT pg_try_advisory_lock(hashtextextended($1, 0))"), parameters)
            .rows.bool(0, 0) ?? false
    }

    /// Drops what an interrupted rebuild left, and makes the tables of the next version.
    func beginRebuild(of type: any Projection.Type) throws -> StandingProjection {
        let standing = try versions().filter { $0.projection == type.name.text }
        if let ready = standing.first(where: { $0.state == .ready }) {
            throw RebuildFault.readyAlready(type.name.text, version: ready.version)
        }
        for left in standing where left.state == .building {
            try drop(StandingProjection(type, version: left.version))
        }
        let next = StandingProjection(type, version: 1 + (standing.map(\.version).max() ?? 0))
        try create(next, as: .building, withKeys: false)
        return next
    }

    /// Makes keys and indexes, and writes the checkpoints the rows stand at.
    func finish(_ building: StandingProjection, at reached: [UnitName: Checkpoint]) throws(PostgresError) {
        for table in Self.definitions(building) {
            try session.run((table.keys + ["ANALYZE \(table.physical)"]).joined(separator: ";\n"))
        }
        for (unit, checkpoint) in reached.sorted(by: { $0.key < $1.key }) {
            var parameters = Parameters()
            parameters.append(unit.projection)
            parameters.append(Int32(unit.version))
            parameters.append(unit.partition)
            parameters.append(Array(checkpoint.vector.text.utf8), as: .json)
            parameters.append(checkpoint.root.description)
            parameters.append(Array(QuarantineAction.text(of: checkpoint.awaited).utf8), as: .json)
            _ = try session.query(try plan(Self.placeCheckpoint), parameters)
        }
    }

    private static let placeCheckpoint = """
        INSERT INTO projection_checkpoints (projection, version, log_partition, vector, root, epoch, commit_no,
            awaited, owner, backend_pid, backend_start, committed_at)
        VALUES ($1, $2, $3, $4, $5, 0, 1, $6, 'rebuild', 0, '-infinity', clock_timestamp())
        """

    func mark(_ projection: StandingProjection, _ state: StandingVersion.State) throws(PostgresError) {
        var parameters = Parameters()
        parameters.append(projection.type.name.text)
        parameters.append(Int32(projection.version))
        parameters.append(state.rawValue)
        _ = try session.query(
            .sql(
                """
                UPDATE projection_versions SET state = $3, changed_at = now()
                WHERE projection = $1 AND version = $2
                """), parameters)
    }
}
