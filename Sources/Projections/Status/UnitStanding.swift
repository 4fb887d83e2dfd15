public import Core

/// What the database knows of one partition of a projection, whoever owns it.
public struct UnitStanding: Sendable {
    /// Who took the partition over last.
    public struct Owner: Sendable, Equatable {
        public let name: String
        public let epoch: Int64
        /// Whether its session with the database is still there.
        public let isConnected: Bool
        public let commits: Int64
        /// `nil` before the first commit.
        public let lastCommit: Timestamp?
    }

    public let unit: UnitName
    /// `nil` while the projection has no tables.
    public let state: StandingVersion.State?
    /// The fold that made the tables.
    public let fold: Int
    /// The fold of this program.
    public let ownFold: Int
    public let sources: [TopicPartition]
    public let vector: FoldedVector
    public let root: StateRoot
    /// `nil` when nobody ever took it over.
    public let owner: Owner?
    /// Keys that wait for an operator.
    public let parked: Int64
    /// Records that wait behind them.
    public let deferred: Int64

    /// The program folds otherwise than the tables were made: nothing moves before a rebuild.
    public var isOutdated: Bool { state == .serving && fold != ownFold }
}
