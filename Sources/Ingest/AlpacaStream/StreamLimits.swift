/// Every wait and every size of the stream's client.
public struct StreamLimits: Sendable, Equatable {
    /// For the open connection, for the answer to who we are, and for the answer to what we want to hear: each.
    public var step: Duration = .seconds(10)
    /// When nothing came for so long, the other side is asked whether it lives.
    public var pingAfter: Duration = .seconds(4)
    /// When nothing came for so long, the connection is dead.
    public var deadAfter: Duration = .seconds(8)
    /// Of the waits between two connections.
    public var firstPause: Duration = .milliseconds(500)
    public var longestPause: Duration = .seconds(30)
    /// After the broker refused our keys: they do not become right by themselves.
    public var refusedPause: Duration = .seconds(60)
    /// A connection that was ready for so long had nothing to do with the failures before it.
    public var steady: Duration = .seconds(10)

    public var maximumFrameBytes = 256 << 10
    /// Messages that came and were not looked at: above it nothing more is taken from the socket.
    public var queuedFrames = 64
    /// Updates that wait for the log: above either nothing more is looked at.
    public var bufferedUpdates = 10_000
    public var bufferedBytes = 32 << 20
    /// Of one append.
    public var appendUpdates = 2_000
    public var appendBytes = 4 << 20
    /// Failures in a row after which the log counts as away.
    public var failuresUntilAway = 3
    /// So does one that takes longer than this.
    public var appendPatience: Duration = .seconds(10)
    public var firstRetry: Duration = .milliseconds(50)
    public var longestRetry: Duration = .seconds(5)
    /// How long the log is tried for what is left at the end.
    public var drain: Duration = .seconds(5)

    /// How far a first start looks back, and every start for orders that may have ended meanwhile.
    public var lookback: Duration = .seconds(86_400)
    /// How far behind the last word a gap is thought to begin: clocks differ, and the broker's lists come late.
    public var overlap: Duration = .seconds(60)
    /// For one page.
    public var restDeadline: Duration = .seconds(20)
    public var firstRestPause: Duration = .seconds(1)
    public var longestRestPause: Duration = .seconds(30)
    /// So many orders of one moment on a page may be a cut that the broker made, however many were asked for.
    public var smallestCut = 50
    /// How often executions are asked for while orders are filled further than they tell.
    public var executionLooks = 4
    /// Orders that are known to be open; of more than these the oldest to be heard of are forgotten.
    public var openOrders = 100_000

    /// How long the word of a process counts that is not heard of any more.
    public var lease: Duration = .seconds(60)
    public var renewal: Duration = .seconds(20)
    /// Between two looks whether another process has taken over.
    public var fenceProbe: Duration = .seconds(1)

    public init() {}
}
