public import Core
public import Domain
public import Folding

/// Learns what the reconciler does; told on any thread.
public protocol ReconcilerObserver: Sendable {
    /// What a round brought is durable now.
    func finished(_ round: RoundReport)
    func asked(_ read: BrokerRead)
    func noted(_ note: ReconcilerNote)
}

/// One question and what came of it.
public struct BrokerRead: Sendable, Equatable {
    public enum Question: String, Sendable, CaseIterable {
        case openOrders = "open_orders"
        case account
        case positions
        case order
    }

    public enum Verdict: String, Sendable, CaseIterable {
        case read
        /// Some of it: it proves nothing of what is not there.
        case incomplete
        case absent
        case failed
    }

    public let question: Question
    public let adapter: Adapter
    public let verdict: Verdict
    /// Why it failed.
    public let failure: FailureTaxonomy?
    /// What of it could not be read.
    public let detail: String?
}

/// What one round did.
public struct RoundReport: Sendable {
    public let at: Timestamp
    public var took: Duration = .zero
    /// Orders that were answered for.
    public var ordersRead = 0
    /// Of those, answers that said something new.
    public var updates = 0
    public var failures = 0
    /// Everything that does not fit in this round, believed or not.
    public var differences: [BookDifference] = []
    public var findings = Findings()
    /// What is open after it.
    public var open: [OpenDiscrepancy] = []
    /// What shows itself still, and was explained.
    public var explained: Set<DiscrepancyKey> = []
    public var budgetLeft = 0.0
    /// Orders that were to be asked for and have to wait for the next round.
    public var postponed = 0
    public var wroteFacts = false
    /// Rounds in a row in which some had to wait.
    public var postponedRounds = 0
    /// Why what rests on the stream is not believed yet; `nil` when it is.
    public var heldBack: HeldBack?

    /// What is on its way to us.
    public enum HeldBack: String, Sendable {
        case stream = "the stream is not ready"
        case feed = "the order feed is behind"
        case log = "the log is not read to its end"
    }

    init(at moment: Timestamp) { at = moment }

    /// Whether the account and the open orders were all read.
    public var isWhole: Bool { failures == 0 }
}

/// Something that an operator may want to know.
public enum ReconcilerNote: Sendable {
    /// The state is known, and rounds begin.
    case ready(records: Int, fromSnapshot: Bool, took: Duration)
    case snapshotDiscarded(SnapshotRefusal)
    case snapshotSaved(took: Duration)
    case snapshotFailed(SnapshotRefusal)
    /// A record of ours that could not be folded: what it says is missing.
    case unreadable(Unreadable)
    /// An order went a way that this process has no adapter for: nobody asks for it.
    case noAdapter(Adapter, orders: Int)
    case retrying(LogError)
    /// Another process reconciles now.
    case fenced
}
