/// What the router's driver may hold and how long it may wait.
public struct RouterLimits: Sendable, Equatable {
    /// Nothing else woke it: look at every intent that is open.
    public var tick: Duration = .milliseconds(200)
    /// Looking at every open intent takes at most one in so many parts of the time.
    public var tickShare = 4
    /// Several steps share an append; a step that would make it longer than this waits for the next.
    public var eventsPerAppend = 500
    /// Answers taken in before the log is looked at again.
    public var answersPerTurn = 1_000
    /// Wishes of people that wait to be taken in; further ones are refused.
    public var waitingWishes = 1_000
    /// Between two looks at how far control reaches; well below the kill lease.
    public var controlLook: Duration = .milliseconds(250)
    /// Before the log is tried again after a failure, ever longer up to this.
    public var longestPause: Duration = .seconds(5)
    /// How long an owner that leaves waits for the answers of calls on their way, beyond their own deadline.
    public var drain: Duration = .seconds(2)
    /// Events folded between two snapshots.
    public var eventsPerSnapshot = 50_000

    public init() {}
}
