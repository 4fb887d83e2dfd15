public import Core

/// What became of each intent in the shadow lane: the last word on each, as the log has it.
public struct ShadowOutcomes: Sendable {
    /// The last word on one intent.
    public struct Outcome: Sendable, Equatable {
        public fileprivate(set) var status: ParityStatus
        public fileprivate(set) var failure: LaneFailure?
        public fileprivate(set) var deltaBps: Amount?
        /// When the lane first said something of it.
        public fileprivate(set) var since: Timestamp
        fileprivate var revision: Int64
    }

    private var outcomes: [ShadowBook.Key: Outcome] = [:]

    public init() {}

    public static let wanted: Set<EventType> = [
        .shadow(.shadowSimulated), .shadow(.shadowFailed), .shadow(.shadowParityJudged),
    ]

    public mutating func fold(_ event: Event) {
        guard case .shadow(let shadow) = event.content, let account = event.envelope.account else { return }
        let at = event.envelope.eventTime
        switch shadow {
        case .shadowSimulated(let it):
            note(
                account, it.decisionHash,
                Outcome(
                    status: it.parityStatus, failure: it.failureTaxonomy, deltaBps: it.parityDeltaBps, since: at,
                    revision: 0))
        case .shadowFailed(let it):
            note(
                account, it.decisionHash,
                Outcome(
                    status: .error, failure: it.failureTaxonomy, deltaBps: nil, since: at, revision: 0))
        case .shadowParityJudged(let it):
            note(
                account, it.decisionHash,
                Outcome(
                    status: it.parityStatus, failure: it.failureTaxonomy, deltaBps: it.parityDeltaBps, since: at,
                    revision: it.revision))
        }
    }

    private mutating func note(_ account: AccountLabel, _ decision: DecisionHash, _ outcome: Outcome) {
        let key = ShadowBook.Key(account: account, decision: decision)
        guard let known = outcomes[key] else { return outcomes[key] = outcome }
        guard outcome.revision > known.revision else { return }
        var outcome = outcome
        outcome.since = min(known.since, outcome.since)
        outcomes[key] = outcome
    }

    /// Of intents that the lane first spoke of at this moment or later.
    public func report(since start: Timestamp) -> ShadowReport {
        let found = outcomes.filter { $0.value.since >= start }.sorted { $0.key < $1.key }
        return ShadowReport(of: found.map(\.value))
    }
}

/// The numbers of parity: the original's, and those that it lacked.
public struct ShadowReport: Sendable, Equatable {
    /// Every intent that the lane spoke of counts once.
    public let total: Int64
    public let passes: Int64
    public let drifts: Int64
    public let inconclusive: Int64
    public let failed: Int64
    /// Simulated; their fill has not come yet.
    public let waiting: Int64
    /// Signed, a cost when positive; `nil` where nothing was judged.
    public let averageDeltaBps: Amount?
    /// By their names.
    public let failures: [(name: String, count: Int64)]
    /// Of what passed and of what drifted, each in ascending order.
    public let passDeltas: [Amount]
    public let driftDeltas: [Amount]

    init(of outcomes: [ShadowOutcomes.Outcome]) {
        func count(_ statuses: ParityStatus...) -> Int64 { Int64(outcomes.count { statuses.contains($0.status) }) }
        total = Int64(outcomes.count)
        passes = count(.pass)
        drifts = count(.drift)
        inconclusive = count(.inconclusive, .blockedMissingEmpiricalAuthority)
        failed = count(.error)
        waiting = count(.unknown)
        var failures: [String: Int64] = [:]
        for outcome in outcomes { if let failure = outcome.failure { failures[failure.rawValue, default: 0] += 1 } }
        self.failures = failures.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        passDeltas = outcomes.filter { $0.status == .pass }.compactMap(\.deltaBps).sorted()
        driftDeltas = outcomes.filter { $0.status == .drift }.compactMap(\.deltaBps).sorted()
        let all = passDeltas + driftDeltas
        averageDeltaBps = ExactQuotient.of(all.reduce(into: Int128(0)) { $0 &+= $1.units }, over: Int128(all.count))
            .map(Amount.init(units:))
    }

    /// Drift among what was judged; `nil` where nothing was.
    ///
    /// The original counted everything that was not a pass, failures too, against all there was.
    public var driftRatio: Amount? {
        ExactQuotient.of(Int128(drifts), times: UInt128(Amount.unitsPerOne), over: Int128(passes + drifts))
            .map(Amount.init(units:))
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.total == right.total && left.passes == right.passes && left.drifts == right.drifts
            && left.inconclusive == right.inconclusive && left.failed == right.failed
            && left.waiting == right.waiting && left.averageDeltaBps == right.averageDeltaBps
            && left.passDeltas == right.passDeltas && left.driftDeltas == right.driftDeltas
            && left.failures.elementsEqual(right.failures) { $0 == $1 }
    }
}
