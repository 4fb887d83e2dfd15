public import Core
public import Folding

/// What a lane works with.
public struct LaneContext<Craft: LaneCraft>: Sendable {
    public let log: any EventLog
    public let craft: Craft
    public let runner: LaneRunner
    /// The state before the first record, with the rules in force.
    public let book: Craft.Book
    /// The same rules for a state that was kept under others.
    public let ruled: @Sendable (Craft.Book) -> Craft.Book
    public let time: any TimeSource
    public let snapshots: SnapshotStore
    public let observer: any LaneObserver<Craft.Book>
    public var limits = LaneLimits()

    public init(
        log: any EventLog, craft: Craft, runner: LaneRunner, book: Craft.Book,
        ruled: @escaping @Sendable (Craft.Book) -> Craft.Book, time: any TimeSource, snapshots: SnapshotStore,
        observer: any LaneObserver<Craft.Book>
    ) {
        self.log = log
        self.craft = craft
        self.runner = runner
        self.book = book
        self.ruled = ruled
        self.time = time
        self.snapshots = snapshots
        self.observer = observer
    }
}

/// How much a lane does at once, and how long it takes.
public struct LaneLimits: Sendable {
    /// Questions that wait; further ones are recorded as dropped.
    public var queue = 10_000
    /// Questions that are asked at the same time.
    public var concurrency = 4
    /// The longest that one call may take.
    public var callTimeout: Duration = .seconds(5)
    /// From when a question is put into the queue to the last call about it.
    public var deadline: Duration = .seconds(30)
    /// Calls for one question, when the runner does not answer.
    public var tries = 3
    /// Before a further call, times the number of those made.
    public var pause: Duration = .milliseconds(500)
    /// How long the log is waited for, and how long while answers may come.
    public var wait: Duration = .milliseconds(100)
    public var busyWait: Duration = .milliseconds(10)
    public var recordsPerAppend = 500
    public var snapshotRecords = 100_000
    public var snapshotInterval: Duration = .seconds(60)

    public init() {}
}

/// Learns what a lane does; told on any thread.
public protocol LaneObserver<Book>: Sendable {
    associatedtype Book: LaneBook
    /// Everything up to here is folded and written.
    func folded(_ book: Book, waiting: Int, asking: Int)
    func noted(_ note: LaneNote)
}

/// What happens to a lane besides its work.
public enum LaneNote: Sendable {
    case ready(records: Int, fromSnapshot: Bool, took: Duration)
    case tooOld(Int)
    case dropped(Int)
    case snapshotDiscarded(SnapshotRefusal)
    case snapshotFailed(SnapshotRefusal)
    case unreadable(Unreadable)
    case retrying(LogError)
    case fenced
}
