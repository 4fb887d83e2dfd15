internal import Core
internal import Postgres

/// Checkpoints and rows of one projection as one transaction sees them.
struct Snapshot: Sendable {
    var checkpoints: [Int32: Checkpoint] = [:]
    var roots: [Int32: StateRoot] = [:]
    var rows = 0

    init(of standing: StandingProjection, in open: OpenSession) throws {
        for (unit, checkpoint) in try open.checkpoints()
        where unit.projection == standing.type.name.text && unit.version == standing.version {
            checkpoints[unit.partition] = checkpoint
        }
        for table in OpenSession.definitions(standing) {
            let sql = "COPY (SELECT \(WriteStatements.columns(table)) FROM \(table.physical)) TO STDOUT (FORMAT binary)"
            var found = roots
            rows += try open.session.copyOut(sql) { (row: borrowing CopyRow) in
                var at = CopyRow.start
                let partition = row.field(at: &at)?.bigEndian(at: 0, as: Int32.self) ?? -1
                found[partition, default: StateRoot()].add(StateRoot.hash(row.bytes, seed: table.shape.name.seed))
            }
            roots = found
        }
    }

    var wrong: [Int32] {
        Set(checkpoints.keys).union(roots.keys).sorted().filter { partition in
            (checkpoints[partition]?.root ?? StateRoot()) != (roots[partition] ?? StateRoot())
        }
    }
}
