internal import Domain
internal import Postgres

/// Switching readers from one version to another, in one transaction.
///
/// The owner of the version that serves is fenced first; then the other one is folded exactly as far, and only then are
/// the views switched. Readers see the state before or the state after; the projector starts again on the new version.
extension Rebuild {
    /// Shows the version that a rebuild has made ready.
    public func promote(_ type: any Projection.Type) async throws -> StandingVersion {
        try await switchReaders(of: type, to: .ready, wanted: "ready; rebuild it first")
    }

    /// Shows the version that served before.
    public func rollBack(_ type: any Projection.Type) async throws -> StandingVersion {
        try await switchReaders(of: type, to: .retired, wanted: "retired, so there is nothing to go back to")
    }

    /// Removes every version that does not serve; answers which.
    public func drop(_ type: any Projection.Type) async throws -> [StandingVersion] {
        let session = BulkSession(context.database)
        guard try await session.with({ try $0.lockRebuild(of: type.name.text) }) else {
            throw RebuildFault.alreadyRunning(type.name.text)
        }
        let dropped = try await session.with { open in
            let idle = try open.versions().filter { $0.projection == type.name.text && $0.state != .serving }
            for version in idle { try open.drop(StandingProjection(type, version: version.version)) }
            return idle
        }
        try await session.end()
        return dropped
    }

    private func switchReaders(
        of type: any Projection.Type, to state: StandingVersion.State, wanted: String
    ) async throws -> StandingVersion {
        let session = BulkSession(context.database)
        guard try await session.with({ try $0.lockRebuild(of: type.name.text) }) else {
            throw RebuildFault.alreadyRunning(type.name.text)
        }
        let standing = try await session.with { try $0.versions() }.filter { $0.projection == type.name.text }
        guard let target = standing.filter({ $0.state == state }).max(by: { $0.version < $1.version }) else {
            throw RebuildFault.noSuchVersion(type.name.text, wanted: wanted)
        }
        let serving = standing.first { $0.state == .serving }
        let next = StandingProjection(type, version: target.version)
        var blockers = ""
        for _ in 0..<context.limits.promoteAttempts {
            // Most of the way is gone before anybody is held up.
            if let serving, target.fold == type.fold { try await follow(serving, with: next, session) }
            do {
                try await switchOnce(from: serving, to: next, target, session)
                try await session.end()
                return target
            } catch let error as PostgresError where error.sqlState == "55P03" {
                blockers = try await session.with { open in
                    try open.session.run("ROLLBACK")
                    return try open.viewReaders(of: next)
                }
            } catch {
                try await session.with { open in if open.session.isInTransaction { try open.session.run("ROLLBACK") } }
                throw error
            }
        }
        throw RebuildFault.blocked("the views of \(type.name) cannot be switched: in use by \(blockers)")
    }

    private func follow(_ serving: StandingVersion, with next: StandingProjection, _ session: BulkSession) async throws
    {
        let vectors = Self.vectors(of: serving, in: try await session.with { try $0.checkpoints() })
        // A log that does not reach them would be waited for without end.
        try await LogCheck(log: context.log).check(Array(vectors.values))
        _ = try await catchUp(next, to: vectors)
    }

    private static func vectors(
        of version: StandingVersion, in checkpoints: [UnitName: Checkpoint]
    ) -> [Int32: FoldedVector] {
        checkpoints.reduce(into: [:]) { vectors, found in
            guard found.key.projection == version.projection, found.key.version == version.version else { return }
            vectors[found.key.partition] = found.value.vector
        }
    }

    private func switchOnce(
        from serving: StandingVersion?, to next: StandingProjection, _ target: StandingVersion, _ session: BulkSession
    ) async throws {
        let limit = context.limits.promoteLockMilliseconds
        let held = try await session.with { open in
            try open.session.run(
                "BEGIN; SET LOCAL lock_timeout = \(limit); SET LOCAL idle_in_transaction_session_timeout = 0")
            return try serving.map { try open.fenceOff($0) } ?? [:]
        }
        if let serving, target.fold == next.type.fold {
            let reached = try await catchUp(next, to: Self.vectors(of: serving, in: held))
            if serving.fold == target.fold {
                let roots = held.reduce(into: [:]) { $0[$1.key.partition] = $1.value.root }
                try Goal(roots: roots).prove(next.type.name.text, reached)
            }
        }
        try await session.with { open in
            if let serving { try open.mark(StandingProjection(next.type, version: serving.version), .retired) }
            try open.mark(next, .serving)
            try open.show(next)
            try open.session.run("COMMIT")
        }
    }
}

extension OpenSession {
    /// Raises the epochs of a version, inside a transaction: its owner cannot commit any more.
    fileprivate func fenceOff(_ version: StandingVersion) throws -> [UnitName: Checkpoint] {
        var parameters = Parameters()
        parameters.append(version.projection)
        parameters.append(Int32(version.version))
        let rows = try session.query(
            .sql(
                """
                UPDATE projection_checkpoints SET epoch = epoch + 1, owner = 'switched away'
                WHERE projection = $1 AND version = $2
                RETURNING projection, version, log_partition, vector, root, epoch, commit_no, awaited
                """), parameters
        ).rows
        return try Self.checkpoints(rows)
    }

    /// Who holds the views of a projection.
    fileprivate func viewReaders(of projection: StandingProjection) throws -> String {
        let names = Self.viewNames(of: projection).map { "'\($0)'" }.joined(separator: ", ")
        let rows = try session.query(
            .sql(
                """
                SELECT DISTINCT format('pid %s (%s, %s since %s)', a.pid, a.application_name, a.state, a.state_change)
                FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation
                WHERE c.relname IN (\(names)) AND l.pid <> pg_backend_pid() LIMIT 5
                """)
        ).rows
        let found = (0..<rows.count).compactMap { rows.text($0, 0) }
        return found.isEmpty ? "a session that has ended since" : found.joined(separator: ", ")
    }
}
