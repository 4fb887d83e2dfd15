public import Core
public import Domain
public import Folding

/// What the order feed works with.
public struct FeedContext: Sendable {
    public let log: any EventLog
    public let scope: FeedScope
    public let time: any TimeSource
    public let snapshots: SnapshotStore
    public let firstStart: FirstStart
    public let observer: any FeedObserver
    public var limits = FeedLimits()

    public init(
        log: any EventLog, scope: FeedScope, time: any TimeSource, snapshots: SnapshotStore,
        firstStart: FirstStart, observer: any FeedObserver
    ) {
        self.log = log
        self.scope = scope
        self.time = time
        self.snapshots = snapshots
        self.firstStart = firstStart
        self.observer = observer
    }
}

/// Whose updates count, and where they lie.
public struct FeedScope: Sendable, Equatable {
    /// Updates that name no account belong to this one: it is its stream that feeds the topics.
    public var account: AccountLabel
    /// Accounts that are ours; updates of others are recorded as foreign.
    ///
    /// Empty: all are.
    public var accounts: Set<AccountLabel>
    public var topics: [CatalogTopic]

    public init(
        account: AccountLabel, accounts: Set<AccountLabel> = [],
        topics: [CatalogTopic] = [TopicCatalog.tradeUpdates, TopicCatalog.tradeUpdatesV2]
    ) {
        self.account = account
        self.accounts = accounts
        self.topics = topics
    }
}

/// How much the feed does at once, and how often it keeps its state.
public struct FeedLimits: Sendable {
    /// Of one read, whose classifications are one append: each repeats its message and adds a thousand bytes or two.
    public var records = 2_000
    public var bytes = 2 << 20
    public var wait: Duration = .milliseconds(250)
    public var snapshotRecords = 500_000
    public var snapshotInterval: Duration = .seconds(300)

    public init() {}
}
