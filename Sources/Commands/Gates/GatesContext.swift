public import Adapters
public import Core
public import Domain
public import Folding

/// What the gates work with.
public struct GatesContext: Sendable {
    public let log: any EventLog
    public let inForce: PolicyInForce
    public let time: any TimeSource
    /// Whom to ask how they are.
    public let adapters: [any OrderAdapter]
    public let snapshots: SnapshotStore
    public let observer: any GatesObserver
    public var limits = GatesLimits()

    public init(
        log: any EventLog, inForce: PolicyInForce, time: any TimeSource, adapters: [any OrderAdapter],
        snapshots: SnapshotStore, observer: any GatesObserver
    ) {
        self.log = log
        self.inForce = inForce
        self.time = time
        self.adapters = adapters
        self.snapshots = snapshots
        self.observer = observer
    }
}

/// Every wait of the gates.
public struct GatesLimits: Sendable {
    /// Time alone changes verdicts: so often they are judged anew.
    public var judgeEvery: Duration = .seconds(1)
    /// However much comes, no more often than this: a verdict looks at every row.
    public var judgeAtMost: Duration = .milliseconds(100)
    /// How long it waits for events; then answers of adapters are looked at.
    public var readWait: Duration = .milliseconds(100)
    /// How often the state is kept beside the log.
    public var saveEvery: Duration = .seconds(60)

    public init() {}
}

/// Hears what the gates do.
public protocol GatesObserver: Sendable {
    func folded(_ fold: GatesFold)
    func judged(_ verdict: BreakerJudged)
    /// What the canary's gate said, once it is on the log.
    func judged(_ canary: Canary)
    func asked(_ adapter: Adapter, _ health: HealthState)
    func stopped(_ observed: KillSwitchObserved)
    /// The stop is over: reports that come after it are of another one.
    func released()
    /// All is read, and the gates judge; with what they cannot read, if there is such a record.
    func judging(isHolding: String?)
    func discarded(_ why: String)
}
