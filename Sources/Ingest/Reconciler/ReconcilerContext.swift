public import Adapters
public import Core
public import Domain
public import Folding

/// What the reconciler works with.
public struct ReconcilerContext: Sendable {
    public let log: any EventLog
    public let account: AccountLabel
    public let mode: TradingMode
    public let books: any BrokerBooks
    /// By the name under which the router recorded that an order went there.
    public let adapters: [Adapter: any OrderAdapter]
    public let time: any TimeSource
    public let snapshots: SnapshotStore
    public let observer: any ReconcilerObserver
    public var limits = ReconcilerLimits()
    /// Of two with one name the later fences the earlier.
    public var writerName = "torghut.reconciler"

    public init(
        log: any EventLog, account: AccountLabel, mode: TradingMode, books: any BrokerBooks,
        adapters: [Adapter: any OrderAdapter], time: any TimeSource, snapshots: SnapshotStore,
        observer: any ReconcilerObserver
    ) {
        self.log = log
        self.account = account
        self.mode = mode
        self.books = books
        self.adapters = adapters
        self.time = time
        self.snapshots = snapshots
        self.observer = observer
    }
}

/// What is read of a whole account at once.
public protocol BrokerBooks: Sendable {
    /// All open orders; whether all were read is part of the answer.
    func openOrders(_ call: CallTerms) async -> Answered<ListVerdict>
    func account(_ call: CallTerms) async -> Answered<ReadVerdict<AlpacaAccount>>
    /// All of them, or none.
    func positions(_ call: CallTerms) async -> Answered<ReadVerdict<[HeldPosition]>>
}

extension AlpacaAdapter: BrokerBooks {}

/// How often is asked, how much at once, and when an answer is believed.
public struct ReconcilerLimits: Sendable {
    /// From the start of one round to the start of the next.
    public var period: Duration = .milliseconds(15_000)
    /// Nothing that moved within this time is held against anybody.
    public var grace: Duration = .seconds(10)
    /// An order that nothing was told of for so long is asked for by itself.
    public var silence: Duration = .seconds(300)
    public var requestsPerMinute = 60
    /// No question takes longer.
    public var callTimeout: Duration = .seconds(10)
    /// Orders are asked for by themselves no longer than this in one round.
    public var singleReads: Duration = .seconds(15)
    /// What the stream or the feed has not brought yet is waited for no longer than this.
    public var streamPatience: Duration = .seconds(600)
    /// How long the log is followed to where it ended, before a round goes on without the rest.
    public var following: Duration = .seconds(10)
    /// The account's facts are written at least so often: decisions need young ones.
    public var accountInterval: Duration = .seconds(20)
    /// Of one round: what is more waits for the next, differences first.
    public var eventsPerRound = 5_000
    public var recordsPerAppend = 500
    public var wait: Duration = .milliseconds(50)
    public var snapshotRecords = 100_000
    public var snapshotInterval: Duration = .seconds(300)

    public init() {}
}
