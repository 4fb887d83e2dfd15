/// What a projector may hold and how long it may take.
///
/// Each has a name and a default.
public struct ProjectionLimits: Sendable {
    /// Most records of one batch: batches grow up to it while a partition catches up.
    public var maximumBatchRecords = 20_000
    /// Most bytes of one batch.
    public var maximumBatchBytes = 32 << 20
    /// Up to so many rows a batch is one round trip of arrays; above, rows are copied in.
    public var headRows = 2_000
    /// And up to so many bytes: arrays are built in memory once more.
    public var headBytes = 8 << 20
    /// Rows that one unit keeps in memory between batches.
    public var maximumCachedRows = 100_000
    /// Current rows that one connection of a rebuild holds before it goes on as if live.
    public var maximumRebuildRows = 1_000_000
    /// Records of one unit that may wait for an operator.
    public var maximumWaitingRecords = 10_000
    /// And their bytes; a single record may be larger.
    public var maximumWaitingBytes = 64 << 20
    /// Words of operators that one unit keeps for records that have not come.
    ///
    /// Each commit writes them. A rebuild and a verification hear all words before any record, so they keep them all.
    public var maximumAwaitedWords = 1_000
    /// And the bytes of patches among them; a single one may be larger.
    public var maximumAwaitedBytes = 8 << 20
    /// How long the head waits for records before it looks at its own state again.
    public var idleWait: Duration = .milliseconds(500)
    /// How often a promotion tries to get the views, and how long it waits each time; readers wait behind it.
    public var promoteAttempts = 10
    public var promoteLockMilliseconds = 2_000
    /// Rows that a verification lists; it counts them all.
    public var maximumFindings = 1_000
    /// (vector, root) pairs that are kept of each unit, for whoever folds the same log elsewhere.
    public var keptRoots = 64

    public init() {}

    /// For units that hear all words before any record.
    var hearingFirst: ProjectionLimits {
        var limits = self
        (limits.maximumAwaitedWords, limits.maximumAwaitedBytes) = (.max, .max)
        return limits
    }
}
