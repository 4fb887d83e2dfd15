internal import Core
internal import Postgres

/// Taking partitions over: the epoch goes up, and vector and root are read in the same statement.
///
/// From then on nothing the last owner sends can be committed, however late it wakes. If it sleeps inside a
/// transaction and so blocks us, its backend is ended.
extension OpenSession {
    func acquire(_ units: [UnitName], as owner: String) throws(PostgresError) -> [UnitName: Checkpoint] {
        do { return try takeOver(units, as: owner) } catch {
            guard error.sqlState == Self.lockNotAvailable else { throw error }
        }
        _ = try session.query(try plan(Self.endPredecessors), names(units))
        return try takeOver(units, as: owner)
    }

    private static let lockNotAvailable = "55P03"

    /// Sorted, so that two who take over at once meet in the same order.
    private func names(_ units: [UnitName]) -> Parameters {
        var writing = RowWriting()
        for unit in units.sorted() {
            writing.bytes.appendBig(3 as Int16)
            unit.projection.writeField(to: &writing.bytes)
            Int32(unit.version).writeField(to: &writing.bytes)
            unit.partition.writeField(to: &writing.bytes)
        }
        var rows = EncodedRows()
        (rows.bytes, rows.count) = (writing.bytes, units.count)
        var parameters = Parameters()
        ColumnArrays([rows], types: [.text, .integer, .integer]).append(to: &parameters)
        return parameters
    }

    private func takeOver(_ units: [UnitName], as owner: String) throws(PostgresError) -> [UnitName: Checkpoint] {
        var parameters = names(units)
        parameters.append(owner)
        parameters.append(StateRoot().description)
        let results = try session.pipeline([
            PipelineStep(try plan("SELECT set_config('lock_timeout', '1000', true)")),
            PipelineStep(try plan(Self.takeOver), parameters),
        ])
        return try Self.checkpoints(results[1].rows)
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
        SELECT units.projection, units.version, units.log_partition, '{}', $5, 1, 0, '[]', $4, pg_backend_pid(),
            (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()), clock_timestamp()
        FROM unnest($1::text[], $2::integer[], $3::integer[]) AS units(projection, version, log_partition)
        ON CONFLICT (projection, version, log_partition) DO UPDATE
        SET epoch = held.epoch + 1, owner = EXCLUDED.owner, backend_pid = EXCLUDED.backend_pid,
            backend_start = EXCLUDED.backend_start
        RETURNING projection, version, log_partition, vector, root, epoch, commit_no, awaited
        """

    /// Only a backend that is still the one that took the partition over, and not this one.
    private static let endPredecessors = """
        SELECT pg_terminate_backend(activity.pid)
        FROM projection_checkpoints AS held
        JOIN unnest($1::text[], $2::integer[], $3::integer[]) AS units(projection, version, log_partition)
            USING (projection, version, log_partition)
        JOIN pg_stat_activity AS activity
            ON activity.pid = held.backend_pid AND activity.backend_start = held.backend_start
        WHERE activity.pid <> pg_backend_pid()
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
