internal import Domain
internal import JSON

/// The step of a unit's checkpoint, as a row among the rows it commits.
struct CheckpointStep: StoredRow {
    struct Key: RowKey {
        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {}
    }

    static let table = TableName("projection_steps", .transitions, "Steps of checkpoints, on their way.")

    var projection = ""
    var version: Int32 = 0
    var partition: Int32 = 0
    var epoch: Int64 = 0
    var oldVector = CompactJSON.emptyObject
    var vector = CompactJSON.emptyObject
    var root = ""
    var commit: Int64 = 0
    var awaited = CompactJSON.emptyObject

    init() {}

    init(_ write: UnitWrite) {
        projection = write.unit.projection
        version = Int32(write.unit.version)
        partition = write.unit.partition
        epoch = write.old.epoch
        oldVector = CompactJSON(trusted: Array(write.old.vector.text.utf8))
        vector = CompactJSON(trusted: Array(write.new.vector.text.utf8))
        root = write.new.root.description
        commit = write.new.commit
        awaited = CompactJSON(trusted: Array(QuarantineAction.text(of: write.new.awaited).utf8))
    }

    var key: Key { Key() }

    mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("projection", &projection, "")
        try columns.column("version", &version, "")
        try columns.column("unit_partition", &partition, "")
        try columns.column("epoch", &epoch, "")
        try columns.column("old_vector", &oldVector, "")
        try columns.column("vector", &vector, "")
        try columns.column("root", &root, "")
        try columns.column("commit_no", &commit, "")
        try columns.column("awaited", &awaited, "")
    }
}
