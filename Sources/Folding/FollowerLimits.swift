/// How much of the log a follower holds at once.
public struct FollowerLimits: Sendable {
    /// Most records of one read.
    public var maximumBatchRecords = 4_096
    public var maximumBatchBytes = 4 << 20
    /// Reads that are decoded, or wait for it, while earlier ones are folded.
    public var batchesAhead = 3
    /// Threads that decode while the follower catches up.
    public var decoders = 2
    /// Records that wait for earlier ones of another partition; beyond it the partitions that are behind are read
    /// alone.
    public var maximumHeldRecords = 100_000

    public init() {}
}
