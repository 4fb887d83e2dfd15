public import Core

/// The canary's verdicts: a function of the fold and of one evaluation, the same for whoever computes it and whenever.
public enum CanaryGate {
    /// One limit and what is measured against it.
    public struct Reading: Sendable, Equatable {
        public let breach: BreachType
        public let sample: Int64
        public let minimumSample: Int64
        public let numerator: Int64?
        public let observed: Amount?
        public let threshold: Amount
        public var baseline: Amount?
        public let symbols: Set<Symbol>

        /// Above the limit is a breach, and so much is not; a sample that is too small says nothing.
        public var verdict: Verdict {
            guard let observed else { return .inconclusive }
            return observed > threshold ? .breach : .pass
        }
    }

    /// Every limit that is in force.
    public static func readings(_ count: CanaryCount, _ terms: CanaryTerms) -> [Reading] {
        func ratio(_ breach: BreachType, _ part: Int64, _ whole: Int64, _ limit: Amount, _ symbols: Set<Symbol>)
            -> Reading
        {
            let isEnough = whole >= terms.minimumSample && whole > 0
            return Reading(
                breach: breach, sample: whole, minimumSample: terms.minimumSample, numerator: part,
                observed: isEnough ? Amount(part).over(Amount(whole)) : nil, threshold: limit, symbols: symbols)
        }
        var readings = [
            ratio(
                .fallbackRatioExceeded, count.fellBack, count.decided, terms.fallbackRatioLimit, count.fallbackSymbols)
        ]
        if let limit = terms.errorRateLimit {
            readings.append(ratio(.errorRateExceeded, count.failed, count.attempted, limit, count.failedSymbols))
        }
        if let limit = terms.driftRatioLimit {
            readings.append(ratio(.parityMismatch, count.drifted, count.shadowed, limit, count.driftedSymbols))
        }
        if let limit = terms.slippageLimitBps { readings.append(slippage(count, terms, limit)) }
        return readings
    }

    /// Both routes need a sample: one that nobody can be compared with says nothing.
    private static func slippage(_ count: CanaryCount, _ terms: CanaryTerms, _ limit: Amount) -> Reading {
        let sample = Int64(min(count.leanCosts.count, count.alpacaCosts.count))
        let (lean, alpaca) = (
            Slippage.percentile(95, of: count.leanCosts), Slippage.percentile(95, of: count.alpacaCosts)
        )
        let isEnough = sample >= terms.minimumSample
        let observed = isEnough ? lean.flatMap { lean in alpaca.map { lean.less($0) } } : nil
        return Reading(
            breach: .slippageExceeded, sample: sample, minimumSample: terms.minimumSample, numerator: nil,
            observed: observed, threshold: limit, baseline: alpaca, symbols: [])
    }

    /// The verdicts of one evaluation, as the events that lie on the log: nothing in them comes from anywhere else.
    public static func verdicts(
        of evaluation: CanaryEvaluated, id: EventID, given fold: CanaryFold, mint: Mint
    ) -> [Event] {
        let count = CanaryCount(
            fold, evaluation.terms, from: evaluation.windowStart, to: evaluation.windowEnd, at: evaluation.evaluatedAt)
        return readings(count, evaluation.terms).map { reading in
            event(.canaryJudged(judged(reading, count, evaluation, id, mint)), evaluation, id, mint, reading.breach)
        }
    }

    /// What the verdict of an evaluation is called.
    public static func verdictID(_ breach: BreachType, of evaluation: EventID, mint: Mint) -> EventID {
        mint.eventID(.step(of: "\(evaluation)", "canary.verdict_reached/\(breach.rawValue)"))
    }

    private static func event(
        _ content: Canary, _ evaluation: CanaryEvaluated, _ id: EventID, _ mint: Mint, _ breach: BreachType
    ) -> Event {
        Event(
            Envelope(
                eventID: verdictID(breach, of: id, mint: mint), eventTime: evaluation.evaluatedAt,
                ingestTime: evaluation.evaluatedAt, source: SourceName(trusted: "gates"),
                correlation: StoryID(high: id.high, low: id.low), causation: id), .canary(content))
    }

    private static func judged(
        _ reading: Reading, _ count: CanaryCount, _ evaluation: CanaryEvaluated, _ id: EventID, _ mint: Mint
    ) -> CanaryJudged {
        let terms = evaluation.terms
        let isAct = reading.verdict == .breach && !evaluation.isClosed
        let reasons = count.reasons.sorted { $0.key < $1.key }.prefix(64)
        return CanaryJudged(
            window: GateWindow(
                verdict: reading.verdict, windowStart: evaluation.windowStart, windowEnd: evaluation.windowEnd,
                sample: reading.sample, minimumSample: reading.minimumSample, policyHash: evaluation.policyHash,
                evaluatedAt: evaluation.evaluatedAt, vector: evaluation.vector),
            breachType: reading.breach, leanTotal: count.decided, fallbackTotal: count.fellBack,
            fallbackRatio: count.decided >= terms.minimumSample
                ? Amount(count.fellBack).over(Amount(count.decided)) : nil,
            fallbackRatioLimit: terms.fallbackRatioLimit,
            fallbackReasons: reasons.map { ReasonCount(reason: $0.key, count: $0.value) },
            symbols: Array(reading.symbols.sorted().prefix(256)), hardRollbackEnabled: terms.hardRollbackEnabled,
            action: reading.verdict != .breach
                ? .none : isAct && terms.hardRollbackEnabled && !terms.dryRun ? .hardRollback : .incident,
            evaluationEventID: id,
            amendsEventID: evaluation.amendsEventID.map { verdictID(reading.breach, of: $0, mint: mint) },
            tradingMode: terms.tradingMode, dryRun: terms.dryRun, isClosed: evaluation.isClosed,
            numerator: reading.numerator, observed: reading.observed, threshold: reading.threshold,
            baseline: reading.baseline, pendingTotal: count.pending, overdueTotal: count.overdue, terms: terms)
    }
}
