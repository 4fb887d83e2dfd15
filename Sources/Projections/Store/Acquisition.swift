internal import Core
internal import Postgres

/// Taking partitions over: the epoch goes up, and vector and root are read in the same statement.
///
/// From then on nothing the last owner sends can be committed, however late it wakes. If it sleeps inside a
/// transaction and so blocks us, its backend is ended.
///
/// `held` has the epochs of units that this owner held before its connection broke: such a unit is taken up again
/// only if nobody took it over meanwhile. Else two owners would take it from one another for ever.
extension OpenSession {
    func acquire(
        _ units: [UnitName], as owner: String, holding held: [UnitName: Int64] = [:]
    ) throws(PostgresError) -> [UnitName: Checkpoint] {
        var parameters = names(units, held)
        parameters.append(owner)
        do { return try takeOver(units, parameters) } catch {
            guard error.sqlState == Self.lockNotAvailable else { throw error }
        }
        // Who blocks us may be the one that took them from us. That can be read without waiting, and is the end of it.
        let lost = try session.query(try plan(Self.lost), parameters).rows
        guard lost.count == 0 else {
            throw Self.fenced(
                UnitName(
                    lost.text(0, 0) ?? "", version: Int(lost.integer(0, 1) ?? 0),
                    partition: Int32(lost.integer(0, 2) ?? 0)))
        }
        _ = try session.query(try plan(Self.endPredecessors), parameters)
        return try takeOver(units, parameters)
    }

    private static let lockNotAvailable = "55P03"

    /// Sorted, so that two who take over at once meet in the same order.
    private func names(_ units: [UnitName], _ held: [UnitName: Int64]) -> Parameters {
        var writing = RowWriting()
        for unit in units.sorted() {
            writing.bytes.appendBig(4 as Int16)
            unit.projection.writeField(to: &writing.bytes)
            Int32(unit.version).writeField(to: &writing.bytes)
            unit.partition.writeField(to: &writing.bytes)
            (held[unit] ?? .max).writeField(to: &writing.bytes)
        }
        var rows = EncodedRows()
        (rows.bytes, rows.count) = (writing.bytes.take(), units.count)
        var parameters = Parameters()
        ColumnArrays([rows], types: [.text, .integer, .integer, .bigint]).append(to: &parameters)
        return parameters
    }

    private func takeOver(
        _ units: [UnitName], _ parameters: Parameters
    ) throws(PostgresError) -> [UnitName: Checkpoint] {
        var parameters = parameters
        parameters.append(StateRoot().description)
        let results = try session.pipeline([
            PipelineStep(try plan("SELECT set_config('lock_timeout', '1000', true)")),
            PipelineStep(try plan(Self.takeOver), parameters),
        ])
        let found = try Self.checkpoints(results[1].rows)
        guard let lost = units.first(where: { found[$0] == nil }) else { return found }
        throw Self.fenced(lost)
    }

    private static func fenced(_ unit: UnitName) -> PostgresError {
        PostgresError(
            .query, .server, sqlState: PostgresError.fencedState, "fenced: another owner has taken over \(unit)")
    }

    /// Rows of (projection, version, partition, vector, root, epoch, commit, awaited).
    static func checkpoints(_ rows: Rows) throws(PostgresError) -> [UnitName: Checkpoint] {
        var found: [UnitName: Checkpoint] = [:]
        for row in 0..<rows.count {
            let unit = UnitName(
                rows.text(row, 0) ?? "", version: Int(rows.integer(row, 1) ?? 0),
                partition: Int32(rows.integer(row, 2) ?? 0))
            do throws(RowFault) { found[unit] = try checkpoint(rows, row) } catch {
                throw PostgresError(.query, .setting, "the checkpoint of \(unit) cannot be read: \(error)")
            }
        }
        return found
    }

    private static func checkpoint(_ rows: Rows, _ row: Int) throws(RowFault) -> Checkpoint {
        guard let root = StateRoot(rows.text(row, 4) ?? "") else { throw RowFault("no root") }
        return Checkpoint(
            vector: try FoldedVector(text: rows.text(row, 3) ?? ""), root: root, epoch: rows.integer(row, 5) ?? 0,
            commit: rows.integer(row, 6) ?? 0, awaited: try QuarantineAction.words(in: rows.copy(row, 7) ?? []))
    }

    private static let takeOver = """
        INSERT INTO projection_checkpoints AS held
            (projection, version, log_partition, vector, root, epoch, commit_no, awaited, owner, backend_pid,
             backend_start, committed_at)
        SELECT units.projection, units.version, units.log_partition, '{}', $6, 1, 0, '[]', $5, pg_backend_pid(),
            (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()), clock_timestamp()
        FROM \(units) JOIN projection_versions USING (projection, version)
        ON CONFLICT (projection, version, log_partition) DO UPDATE
        SET epoch = held.epoch + 1, owner = EXCLUDED.owner, backend_pid = EXCLUDED.backend_pid,
            backend_start = EXCLUDED.backend_start
        WHERE \(mayTake)
        RETURNING projection, version, log_partition, vector, root, epoch, commit_no, awaited
        """

    private static let units =
        "unnest($1::text[], $2::integer[], $3::integer[], $4::bigint[]) "
        + "AS units(projection, version, log_partition, epoch)"

    /// A take-over whose answer was lost raised the epoch all the same, in this owner's name.
    private static let mayTake = """
        (held.owner = $5 OR held.epoch <= (
            SELECT units.epoch FROM \(units)
            WHERE units.projection = held.projection AND units.version = held.version
                AND units.log_partition = held.log_partition))
        """

    private static let lost = """
        SELECT held.projection, held.version, held.log_partition
        FROM projection_checkpoints AS held JOIN \(units) USING (projection, version, log_partition)
        WHERE NOT \(mayTake) LIMIT 1
        """

    /// Only a backend that is still the one that took the partition over, and not this one.
    private static let endPredecessors = """
        SELECT pg_terminate_backend(activity.pid)
        FROM projection_checkpoints AS held
        JOIN \(units) USING (projection, version, log_partition)
        JOIN pg_stat_activity AS activity
            ON activity.pid = held.backend_pid AND activity.backend_start = held.backend_start
        WHERE activity.pid <> pg_backend_pid() AND \(mayTake)
        """

    /// What waits in these units, and what was decided in them.
    func parked(in unit: UnitName) throws -> [ParkedRow] {
        let table = TableDefinition(TableShape(of: ParkedRow.self), of: unit.projection, version: unit.version)
        let statement = try plan(
            "SELECT \(WriteStatements.columns(table)) FROM \(table.physical) WHERE log_partition = $1")
        var parameters = Parameters()
        parameters.append(unit.partition)
        let rows = try session.query(statement, parameters).rows
        var found: [ParkedRow] = []
        for row in 0..<rows.count {
            var tuple: [UInt8] = []
            rows.appendTuple(row, to: &tuple)
            // Safe: bytes are plain integers.
            found.append(try ParkedRow.stored(unsafe tuple.span.bytes).row)
        }
        return found
    }
}
