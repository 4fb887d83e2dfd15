public import Core
public import Domain
public import Folding

/// What the handler works with.
public struct HandlerContext: Sendable {
    public let log: any EventLog
    public let decider: TradingDecider
    public let time: any TimeSource
    public let localStop: LocalStopReading
    public let snapshots: SnapshotStore
    public let observer: any CommandObserver
    public var limits = HandlerLimits()

    public init(
        log: any EventLog, decider: TradingDecider, time: any TimeSource, localStop: @escaping LocalStopReading,
        snapshots: SnapshotStore, observer: any CommandObserver
    ) {
        self.log = log
        self.decider = decider
        self.time = time
        self.localStop = localStop
        self.snapshots = snapshots
        self.observer = observer
    }

    var policy: TradingPolicy { decider.inForce.policy.trading }
}

/// How much the handler does at once, and how often it keeps its state.
public struct HandlerLimits: Sendable {
    /// Of one read, whose answers are one append: an answer is its decision and at most two thousand bytes more, so
    /// that they fit.
    public var following = FollowerLimits()
    /// A snapshot is made after so many records or so much time, whichever comes first, and when the handler ends.
    public var snapshotRecords = 1_000_000
    public var snapshotInterval: Duration = .seconds(300)

    public init() {}
}
