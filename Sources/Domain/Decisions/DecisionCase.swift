public import Core

/// A decision as it lies on the log.
public struct DecisionRecord: Sendable, Equatable {
    public let envelope: Envelope
    public let decision: DecisionRecorded
    /// Where it lies.
    public let cause: Cause
    public let account: AccountLabel
    public let symbol: Symbol

    /// `nil` when it is not a decision, or has no account or symbol.
    public init?(_ event: Event, at cause: Cause) {
        guard case .decisions(.decisionRecorded(let decision)) = event.content, let account = event.envelope.account,
            let symbol = event.envelope.symbol
        else { return nil }
        envelope = event.envelope
        self.decision = decision
        self.cause = cause
        self.account = account
        self.symbol = symbol
    }
}

/// When and by whom a decision is judged: all that does not come from the log.
public struct Bench: Sendable, Equatable {
    public var moment: Timestamp
    /// When control was last proved to be read to its end.
    public var controlSeenAt: Timestamp?
    public var local: LocalStop
    public var source: SourceName
    public var seq: Int64

    public init(
        at moment: Timestamp, controlSeenAt: Timestamp?, local: LocalStop = .none, source: SourceName, seq: Int64 = 0
    ) {
        self.moment = moment
        self.controlSeenAt = controlSeenAt
        self.local = local
        self.source = source
        self.seq = seq
    }
}

/// Everything that a check may look at, and what the checks have found.
struct DecisionCase {
    let record: DecisionRecord
    let state: DecisionState
    let policy: TradingPolicy
    let routing: RoutingPolicy
    let bench: Bench
    /// Never before anything that was folded.
    let moment: Timestamp
    let book: AccountBook
    private(set) var reasons: [ReasonCode] = []
    var evidence = Evidence()

    var decision: DecisionRecorded { record.decision }
    var symbol: Symbol { record.symbol }
    var facts: AccountFacts? { book.facts }

    init(_ record: DecisionRecord, _ state: DecisionState, _ policy: Policy, _ bench: Bench) {
        self.record = record
        self.state = state
        self.policy = policy.trading
        routing = policy.routing
        self.bench = bench
        moment = max(bench.moment, state.clock)
        book = state.accounts[record.account] ?? AccountBook()
    }

    /// Every reason is kept, once, in the order it was found.
    mutating func find(_ reason: ReasonCode, when applies: Bool = true) {
        if applies, !reasons.contains(reason) { reasons.append(reason) }
    }

    /// The time that the decision is for; what it says itself only shortens the policy's.
    var expiresAt: Timestamp {
        let latest = record.envelope.eventTime.advanced(by: policy.decisionTTL) ?? .latest
        return min(decision.expiresAt ?? latest, latest)
    }
}
