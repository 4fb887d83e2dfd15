public import Core

/// The LEAN breaker: closed, open, half open with a few probes, and back.
///
/// A verdict is a function of the fold, the policy and the moment: the same three give the same verdict for ever.
public enum BreakerGate {
    /// What a window holds.
    public struct Count: Sendable, Equatable {
        public var start: Timestamp
        public var sample: Int64 = 0
        public var failures: Int64 = 0
        public var hasMismatch = false

        /// `nil` below the minimum sample: too little is known to say.
        public func rate(minimumSample: Int64) -> Amount? {
            sample >= minimumSample && sample > 0 ? Amount(failures).over(Amount(sample)) : nil
        }
    }

    /// The event that changes the breaker's state, or `nil` while it stays as it is.
    public static func judge(
        _ fold: BreakerFold, under policy: GatePolicy, policyHash: ContentHash, by actor: ActorName, at now: Timestamp
    ) -> BreakerJudged? {
        let count = count(fold, policy, at: now)
        guard let change = change(fold, policy, count, at: now) else { return nil }
        let level = fold.state == .closed && isQuiet(fold, policy, at: now) ? 1 : fold.level + 1
        let isHalfOpen = fold.state == .halfOpen
        return BreakerJudged(
            order: ControlOrder(scope: .adapter(.lean), actor: actor, reason: Prose(known: "the breaker was judged")),
            adapter: .lean, breakerState: change.state, previousState: fold.state, breachType: change.breach,
            failureTotal: count.failures, errorRate: count.rate(minimumSample: isHalfOpen ? 1 : policy.minimumSample),
            errorRateLimit: policy.errorRateLimit,
            probesAllowed: change.state == .halfOpen ? policy.probes - (isHalfOpen ? count.sample : 0) : 0,
            probePartition: change.state == .halfOpen ? fold.demand(after: .earliest) : nil,
            retryAt: change.state == .open ? now.advanced(by: delay(level, policy)) ?? .latest : nil,
            window: GateWindow(
                verdict: change.verdict, windowStart: count.start, windowEnd: now, sample: count.sample,
                minimumSample: isHalfOpen ? policy.probes : policy.minimumSample, policyHash: policyHash,
                evaluatedAt: now, vector: fold.vector))
    }

    private static func isQuiet(_ fold: BreakerFold, _ policy: GatePolicy, at now: Timestamp) -> Bool {
        fold.judgedAt.map { now.since($0) > policy.longestRetryDelay } ?? true
    }

    /// Twice as long each time, and not for ever.
    static func delay(_ level: Int64, _ policy: GatePolicy) -> Duration {
        var delay = policy.retryDelay
        for _ in 1..<max(2, min(level, 40)) where level > 1 && delay < policy.longestRetryDelay { delay = delay * 2 }
        return min(delay, max(policy.retryDelay, policy.longestRetryDelay))
    }

    /// Outcomes of the window, and none from before the last change: old failures are not judged twice.
    public static func count(_ fold: BreakerFold, _ policy: GatePolicy, at now: Timestamp) -> Count {
        let window = now.advanced(by: .zero - policy.window) ?? .earliest
        var count = Count(
            start: fold.state == .halfOpen ? fold.trialSince ?? window : max(window, fold.judgedAt ?? window))
        for attempt in fold.attempts.rows {
            if let mismatchedAt = attempt.mismatchedAt, mismatchedAt > count.start, mismatchedAt <= now {
                count.hasMismatch = true
            }
            let isFailed = attempt.isFailed(at: now, limit: policy.probeLimit)
            guard isFailed || attempt.outcome == .succeeded else { continue }
            // Half open, only probes count: attempts from before say nothing about the runner now.
            let moment = fold.state == .halfOpen ? attempt.preparedAt : attempt.endedAt ?? attempt.preparedAt
            guard moment > count.start, moment <= now else { continue }
            count.sample += 1
            if isFailed { count.failures += 1 }
        }
        return count
    }

    private typealias Change = (state: BreakerState, verdict: Verdict, breach: BreakerCause?)

    private static func change(
        _ fold: BreakerFold, _ policy: GatePolicy, _ count: Count, at now: Timestamp
    ) -> Change? {
        let isSick = isSick(fold, policy, at: now)
        switch fold.state {
        case .closed:
            if isSick { return (.open, .breach, .runnerHealthStale) }
            if count.hasMismatch { return (.open, .breach, .notionalMismatch) }
            guard let rate = count.rate(minimumSample: policy.minimumSample), count.failures > 0,
                rate >= policy.errorRateLimit
            else { return nil }
            return (.open, .breach, .errorRateExceeded)
        case .open:
            guard let retryAt = fold.retryAt, now >= retryAt, !isSick else { return nil }
            return (.halfOpen, .inconclusive, nil)
        case .halfOpen:
            if isSick { return (.open, .breach, .runnerHealthStale) }
            if count.hasMismatch { return (.open, .breach, .notionalMismatch) }
            if count.failures > 0 { return (.open, .breach, .errorRateExceeded) }
            if count.sample >= policy.probes { return (.closed, .pass, nil) }
            return isNextRound(fold, policy, at: now) ? (.halfOpen, .inconclusive, nil) : nil
        }
    }

    /// Probes go by one partition at a time; where no orders come by, another one gets its turn.
    ///
    /// Not before every probe of this round has ended: they are sent within one limit and end within another. So there
    /// are never more on their way than a round allows. And not before an order came that could have been one.
    private static func isNextRound(_ fold: BreakerFold, _ policy: GatePolicy, at now: Timestamp) -> Bool {
        guard let judgedAt = fold.judgedAt else { return false }
        guard fold.probePartition != nil else { return fold.demand(after: .earliest) != nil }
        return now.since(judgedAt) > policy.probeLimit * 2 && fold.demand(after: judgedAt) != nil
    }

    /// A runner nobody ever asked is not sick; one that was asked must keep answering well.
    private static func isSick(_ fold: BreakerFold, _ policy: GatePolicy, at now: Timestamp) -> Bool {
        guard policy.isHealthRequired, let health = fold.health, let seen = fold.healthObservedAt else { return false }
        return health != .healthy || now.since(seen) > policy.healthMaximumAge
    }
}
