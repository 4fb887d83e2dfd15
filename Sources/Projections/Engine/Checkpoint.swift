internal import Core

/// What the store knows of a unit: how far it is, what its rows sum to, and whose it is.
struct Checkpoint: Sendable, Equatable {
    var vector = FoldedVector()
    var root = StateRoot()
    /// Raised by each owner; a commit under an older one is refused.
    var epoch: Int64 = 0
    /// Counts commits, so that the last few are kept in a ring.
    var commit: Int64 = 0
    /// Words of operators about records that were not read yet.
    var awaited: [QuarantineAction] = []
}

/// What a batch makes of one unit: rows, and the step of its checkpoint.
struct UnitWrite: Sendable {
    struct Table: Sendable {
        let shape: TableShape
        let physical: String
        /// Steps, and current rows that are stored nowhere yet: they are only added.
        let added: EncodedRows
        /// Current rows in place of others.
        let merged: EncodedRows

        var count: Int { added.count + merged.count }
    }

    let unit: UnitName
    let old: Checkpoint
    let new: Checkpoint
    let tables: [Table]
    /// Records this batch parked, to be told on the log after the commit.
    let parked: [ParkedRow]

    var rowCount: Int { tables.reduce(0) { $0 + $1.count } }
}
