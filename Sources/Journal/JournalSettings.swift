internal import Glibc

/// The limits of one journal, each with a name and a default.
public struct JournalSettings: Sendable {
    /// A segment is closed and the next one begun when it has this many bytes.
    public var segmentBytes = 64 << 20
    /// Appends that may wait for the writer; further ones wait to be let in.
    public var queuedAppends = 1024
    /// Bytes of appends that may wait for the writer.
    ///
    /// A single larger append is still let in alone.
    public var queuedBytes = 64 << 20
    /// Bytes that one write and one sync take at most.
    public var groupBytes = 16 << 20
    /// Appends from this size on are compressed and hashed on the caller's task, and are a batch of their own.
    public var largeAppendBytes = 16 << 10
    /// Small appends that wait together become one batch of at most this many bytes.
    public var mergedBytes = 1 << 20
    /// Topics, partitions over all topics, and stored consumer positions that one journal may have.
    public var maximumTopics = 10_000
    public var maximumPartitions = 100_000
    public var maximumPositions = 100_000
    /// Positions that one append may carry.
    public var maximumAppendPositions = 10_000
    /// Names of writers that one process may have opened.
    public var maximumWriters = 10_000
    /// A sealed segment is written anew when at least this part of its payload can go.
    public var rewritePercent = 25
    /// Whether the holder listens on `control.sock`.
    public var control = true
    public var controlConnections = 32
    /// Requests, and bytes of them, that one connection may have unanswered; reading from it pauses there.
    public var controlRequests = 64
    public var controlBytes = 64 << 20
    /// A connection on which nothing comes for so long is closed; `JournalRemote` says in time that it is there.
    public var controlIdle = Duration.seconds(60)
    /// A frame that has begun must be complete within this time, and an answer must be fetched.
    public var controlTimeout = Duration.seconds(5)
    /// The clock that stamps records and batches, in milliseconds since 1970.
    public var clock: @Sendable () -> Int64 = JournalSettings.wallClock

    /// Takes what is counted while the journal is written.
    public var statistics = JournalStatistics()

    public init() {}

    @Sendable public static func wallClock() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
