/// The statements of a commit; they are the same whether rows come as arrays or were copied into a staging table.
enum WriteStatements {
    /// Moves the checkpoints, and fails the whole transaction unless each is where this owner left it.
    static func fence(from source: String) -> String {
        """
        WITH steps AS (SELECT * FROM \(source)), moved AS (
            UPDATE projection_checkpoints AS held
            SET vector = steps.vector, root = steps.root, commit_no = steps.commit_no, awaited = steps.awaited,
                committed_at = clock_timestamp()
            FROM steps
            WHERE held.projection = steps.projection AND held.version = steps.version
                AND held.log_partition = steps.unit_partition AND held.epoch = steps.epoch
                AND held.vector::text = steps.old_vector::text
            RETURNING 1)
        SELECT torghut_hold((SELECT count(*) FROM moved), (SELECT count(*) FROM steps))
        """
    }

    /// Keeps the last few (vector, root) pairs in a ring.
    static func keepRoots(from source: String, ring: Int) -> String {
        """
        INSERT INTO projection_roots (projection, version, log_partition, slot, commit_no, vector, root)
        SELECT projection, version, unit_partition, (commit_no % \(ring))::integer, commit_no, vector, root FROM \(source)
        ON CONFLICT (projection, version, log_partition, slot) DO UPDATE
        SET commit_no = EXCLUDED.commit_no, vector = EXCLUDED.vector, root = EXCLUDED.root
        """
    }

    static func append(_ table: TableDefinition, from source: String) -> String {
        let columns = columns(table)
        return "INSERT INTO \(table.physical) (\(columns)) SELECT \(columns) FROM \(source)"
    }

    static func merge(_ table: TableDefinition, from source: String) -> String {
        let key = table.keyColumns
        let changed = table.shape.allColumns.map(\.name).filter { !key.contains($0) }.map { name in
            // A row belongs to one partition: another one's row becomes null here, which the column refuses.
            name == TableShape.partition.name
                ? "\(name) = CASE WHEN kept.\(name) = EXCLUDED.\(name) THEN kept.\(name) END"
                : "\(name) = EXCLUDED.\(name)"
        }
        let columns = columns(table)
        return """
            INSERT INTO \(table.physical) AS kept (\(columns)) SELECT \(columns) FROM \(source)
            ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(changed.joined(separator: ", "))
            """
    }

    /// Rows that were only written to be removed.
    static func removeFolded(_ table: TableDefinition) -> String {
        "DELETE FROM \(table.physical) WHERE state = '\(ParkedRow.State.folded.rawValue)'"
    }

    static func columns(_ table: TableDefinition) -> String {
        table.shape.allColumns.map(\.name).joined(separator: ", ")
    }
}
