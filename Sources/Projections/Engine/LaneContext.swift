internal import Core
internal import Postgres

/// What a lane has to do with the world.
struct LaneContext: Sendable {
    let log: any EventLog
    let database: PostgresSettings
    let limits: ProjectionLimits
    /// Named in the checkpoints: host, process, and when it started.
    let owner: String
    let probe: WriteProbe
    let observer: any ProjectionObserver

    func note(_ kind: ProjectionNote.Kind, _ text: String) { observer.noted(ProjectionNote(kind: kind, text: text)) }

    func committed(_ writes: [UnitWrite], _ waits: BatchWaits) async {
        observer.waited(waits)
        observer.committed(
            writes.map { write in
                ProjectionCommit(
                    unit: write.unit, vector: write.new.vector, root: write.new.root, rows: write.rowCount,
                    offsets: write.new.vector.distance(from: write.old.vector))
            })
        for write in writes {
            for row in write.parked { await announce(row, of: write.unit) }
        }
    }

    func announce(_ row: ParkedRow, of unit: UnitName) async { await observer.parked(row, of: unit) }
}

/// Learns what the projections do; told after the commit, on any thread.
public protocol ProjectionObserver: Sendable {
    func committed(_ commits: [ProjectionCommit])
    /// How often the batch that is told next waited for the server.
    func waited(_ waits: BatchWaits)
    func noted(_ note: ProjectionNote)
    /// A record was parked and waits for an operator; told again when a new owner takes over.
    func parked(_ row: ParkedRow, of unit: UnitName) async
}

extension ProjectionObserver {
    /// Most have no use for it.
    public func waited(_ waits: BatchWaits) {}
}

public struct ProjectionCommit: Sendable {
    public let unit: UnitName
    public let vector: FoldedVector
    public let root: StateRoot
    public let rows: Int
    /// How many offsets of its inputs it passed, holes included.
    public let offsets: Int64
}

public struct ProjectionNote: Sendable {
    public enum Kind: String, Sendable {
        /// Something is away; the lane tries again.
        case retrying
        /// A partition cannot go on.
        case halted
        /// Another owner has taken over.
        case fenced
    }

    public let kind: Kind
    public let text: String

    public init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}
