public import Core

/// What the LEAN breaker is judged from: a fold of route.v1, order-events.v1 and control.v1.
///
/// Counts depend on what was folded and not on the order the partitions were read in.
public struct BreakerFold: Snapshot {
    public static let foldName = "torghut.breaker.3"

    /// Attempts are kept this often; with more in a window the oldest are left out.
    public static let maximumAttempts = 65_536

    var attempts = LeanAttempts()
    private var demand = KeyedRows<LeanDemand>()
    public private(set) var state = BreakerState.closed
    public private(set) var judgedBy: EventID?
    public private(set) var judgedAt: Timestamp?
    public private(set) var retryAt: Timestamp?
    /// Since when it is half open, through all rounds of probes.
    public private(set) var trialSince: Timestamp?
    /// Whose router may send the probes of this round.
    public private(set) var probePartition: Int64?
    /// How often it opened in a row; the wait grows with it.
    public private(set) var level: Int64 = 0
    public private(set) var health: HealthState?
    public private(set) var healthObservedAt: Timestamp?
    private var folded = KeyedRows<FoldedPartition>()

    public init() {}

    /// Attempts that are remembered.
    public var attemptCount: Int { attempts.count }

    public var vector: PositionVector {
        PositionVector(
            positions: folded.rows.map { LogPosition(topic: $0.topic, partition: $0.partition, offset: $0.offset) })
    }

    public mutating func fold(_ event: Event, at position: LogPosition, under policy: GatePolicy) {
        folded.put(
            FoldedPartition(topic: position.topic, partition: position.partition, offset: position.offset + 1))
        let now = event.envelope.ingestTime
        switch event.content {
        case .route(.attemptPrepared(let event)):
            if event.evidence.executionExpectedAdapter == .lean { want(position.partition, at: now) }
            guard event.evidence.executionAdapter == .lean else { return }
            forget(now, policy)
            attempts.put(LeanAttempt(event, at: now))
        case .route(.attemptAccepted(let event)): end(event.key.attemptID, .succeeded, at: now)
        case .route(.attemptRejected(let event)):
            end(event.key.attemptID, Self.outcome(of: event.rejectionClass), at: now)
        case .route(.attemptUnknown(let event)): end(event.key.attemptID, .failed, at: now)
        case .orderEvents(.brokerUpdateRecorded(let update)): compare(update, at: now, policy)
        case .orderEvents(.discrepancyFound(let found)) where found.kind == .notionalMismatch:
            guard let decision = found.order.decision else { return }
            mismatch(decision, at: now)
        case .control(.breakerJudged(let event)) where event.adapter == .lean:
            fold(event, event.window.evaluatedAt, policy)
        case .control(.runnerHealthObserved(let event)): observe(event)
        default: break
        }
        if case .control(.breakerJudged(let verdict)) = event.content, verdict.adapter == .lean {
            judgedBy = event.envelope.eventID
        }
    }

    /// A business rejection is the broker's answer, so LEAN did its work; what never left says nothing of it.
    private static func outcome(of rejection: RejectionClass) -> LeanAttempt.Outcome {
        switch rejection {
        case .brokerRejected: .succeeded
        case .local: .withheld
        case .contractInvalid, .notSent, .authRejected: .failed
        }
    }

    private mutating func want(_ partition: Int64, at now: Timestamp) {
        let before = demand[partition]?.lastAt ?? now
        demand.put(LeanDemand(partition: partition, lastAt: max(before, now)))
    }

    /// Where orders meant for LEAN came by last, if any came after this moment.
    func demand(after moment: Timestamp) -> Int64? {
        let recent = demand.rows.filter { $0.lastAt > moment }
        return recent.max { ($0.lastAt, $1.partition) < ($1.lastAt, $0.partition) }?.partition
    }

    private mutating func forget(_ now: Timestamp, _ policy: GatePolicy) {
        let kept = max(policy.window, policy.probeLimit, policy.longestRetryDelay) * 2
        attempts.forget(before: now.advanced(by: .zero - kept) ?? .earliest, keeping: Self.maximumAttempts)
    }

    /// The first outcome counts: what is found out later changes no window that was judged.
    private mutating func end(_ attempt: AttemptID, _ outcome: LeanAttempt.Outcome, at now: Timestamp) {
        guard var row = attempts[attempt], row.outcome == .pending else { return }
        row.outcome = outcome
        row.endedAt = now
        attempts.put(row)
    }

    private mutating func compare(_ update: BrokerUpdateRecorded, at now: Timestamp, _ policy: GatePolicy) {
        guard let decision = update.decisionHash ?? update.clientOrderID.flatMap(DecisionHash.init(of:)),
            let row = attempts[decision]
        else { return }
        let pairs = [(row.qty, update.qty), (row.notional, update.notional)]
        let differs = pairs.contains { asked, shown in
            guard let asked, let shown else { return false }
            return shown.less(asked).size > asked.size.times(policy.notionalTolerance)
        }
        if differs { mismatch(decision, at: now) }
    }

    private mutating func mismatch(_ decision: DecisionHash, at now: Timestamp) {
        guard var row = attempts[decision], row.mismatchedAt == nil else { return }
        row.mismatchedAt = now
        attempts.put(row)
    }

    private mutating func fold(_ event: BreakerJudged, _ moment: Timestamp, _ policy: GatePolicy) {
        if event.breakerState == .open, state != .open {
            // Whoever opens again soon after it closed, or from half open, waits longer.
            let wasQuiet =
                state == .closed && (judgedAt.map { moment.since($0) > policy.longestRetryDelay } ?? true)
            level = wasQuiet ? 1 : level + 1
        }
        // Rounds of probes change nothing about when the trial began.
        if event.breakerState != .halfOpen { trialSince = nil } else if state != .halfOpen { trialSince = moment }
        probePartition = event.probePartition
        state = event.breakerState
        judgedAt = moment
        retryAt = event.retryAt
    }

    private mutating func observe(_ event: RunnerHealthObserved) {
        if case .adapter(let adapter) = event.order.scope, adapter != .lean { return }
        if let seen = healthObservedAt, seen > event.observedAt { return }
        health = event.health
        healthObservedAt = event.observedAt
    }

    private mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try demand.walk("demand", &fields)
        try fields.field("state", &state, "Its state.")
        try fields.field("judged_by", &judgedBy, "By which event.")
        try fields.field("judged_at", &judgedAt, "When.")
        try fields.field("retry_at", &retryAt, "When it may be half open.")
        try fields.field("trial_since", &trialSince, "Since when it is half open.")
        try fields.field("probe_partition", &probePartition, "Whose router may probe.")
        try fields.field("level", &level, "How often it opened in a row.")
        try fields.field("health", &health, "The runner's health.")
        try fields.field("health_observed_at", &healthObservedAt, "When that was seen.")
        try folded.walk("folded", &fields)
    }

    /// Attempts in the order of their ids: in which order partitions were read shows nowhere.
    public func write(to writer: inout StateWriter) {
        var copy = self
        copy.walk(&writer)
        writer.rows(attempts.rows.sorted { ($0.preparedAt, $0.attemptID) < ($1.preparedAt, $1.attemptID) })
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        try walk(&reader)
        for attempt in try reader.rows(of: LeanAttempt.self) { attempts.put(attempt) }
    }

    public static func == (left: Self, right: Self) -> Bool { left.snapshot == right.snapshot }
}
