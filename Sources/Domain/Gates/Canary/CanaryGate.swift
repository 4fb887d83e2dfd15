public import Core

/// The canary's verdicts: a function of the fold and of one evaluation, the same for whoever computes it and whenever.
public enum CanaryGate {
    /// One limit and what is measured against it.
    public struct Measure: Sendable, Equatable {
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

    /// A limit, with all that was counted for it.
    public struct Finding: Sendable {
        public let measure: Measure
        public let count: CanaryCount
        public let start: Timestamp
    }

    /// Every limit that is in force; those that count the same stretch count it once.
    public static func findings(_ fold: CanaryFold, _ terms: CanaryTerms, _ span: CanarySpan) -> [Finding] {
        var counts: [Timestamp: CanaryCount] = [:]
        return BreachType.allCases.filter(terms.judges).compactMap { breach in
            let start = min(span.start(of: breach), span.end)
            let count = counts[start] ?? CanaryCount(fold, terms, from: start, to: span.end, at: span.moment)
            counts[start] = count
            return measure(breach, count, terms).map { Finding(measure: $0, count: count, start: start) }
        }
    }

    private static func measure(_ breach: BreachType, _ count: CanaryCount, _ terms: CanaryTerms) -> Measure? {
        func ratio(_ part: Int64, _ whole: Int64, _ limit: Amount?, _ symbols: Set<Symbol>) -> Measure? {
            guard let limit else { return nil }
            let isEnough = whole >= terms.minimumSample && whole > 0
            return Measure(
                breach: breach, sample: whole, minimumSample: terms.minimumSample, numerator: part,
                observed: isEnough ? Amount(part).over(Amount(whole)) : nil, threshold: limit, symbols: symbols)
        }
        switch breach {
        case .fallbackRatioExceeded:
            return ratio(count.fellBack, count.decided, terms.fallbackRatioLimit, count.fallbackSymbols)
        case .errorRateExceeded: return ratio(count.failed, count.attempted, terms.errorRateLimit, count.failedSymbols)
        case .parityMismatch: return ratio(count.drifted, count.shadowed, terms.driftRatioLimit, count.driftedSymbols)
        case .slippageExceeded: return terms.slippageLimitBps.map { slippage(count, terms, $0) }
        case .notionalMismatch, .runnerHealthStale: return nil
        }
    }

    /// Both routes need a sample: one that nobody can be compared with says nothing.
    private static func slippage(_ count: CanaryCount, _ terms: CanaryTerms, _ limit: Amount) -> Measure {
        let sample = Int64(min(count.leanCosts.count, count.alpacaCosts.count))
        let (lean, alpaca) = (
            Slippage.percentile(95, of: count.leanCosts), Slippage.percentile(95, of: count.alpacaCosts)
        )
        let isEnough = sample >= terms.minimumSample
        let observed = isEnough ? lean.flatMap { lean in alpaca.map { lean.less($0) } } : nil
        return Measure(
            breach: .slippageExceeded, sample: sample, minimumSample: terms.minimumSample, numerator: nil,
            observed: observed, threshold: limit, baseline: alpaca, symbols: [])
    }

    /// The verdicts of one evaluation, as the events that lie on the log: nothing in them comes from anywhere else.
    public static func verdicts(
        of evaluation: CanaryEvaluated, id: EventID, given fold: CanaryFold, mint: Mint
    ) -> [Event] {
        findings(fold, evaluation.terms, CanarySpan(evaluation)).map { found in
            event(.canaryJudged(judged(found, evaluation, id, mint)), evaluation, id, mint, found.measure.breach)
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
        _ found: Finding, _ evaluation: CanaryEvaluated, _ id: EventID, _ mint: Mint
    ) -> CanaryJudged {
        let (measure, count, terms) = (found.measure, found.count, evaluation.terms)
        let isAct = measure.verdict == .breach && !evaluation.isClosed
        let reasons = count.reasons.sorted { $0.key < $1.key }.prefix(64)
        return CanaryJudged(
            window: GateWindow(
                verdict: measure.verdict, windowStart: found.start, windowEnd: evaluation.windowEnd,
                sample: measure.sample, minimumSample: measure.minimumSample, policyHash: evaluation.policyHash,
                evaluatedAt: evaluation.evaluatedAt, vector: evaluation.vector),
            breachType: measure.breach, leanTotal: count.decided, fallbackTotal: count.fellBack,
            fallbackRatio: count.decided >= terms.minimumSample
                ? Amount(count.fellBack).over(Amount(count.decided)) : nil,
            fallbackRatioLimit: terms.fallbackRatioLimit,
            fallbackReasons: reasons.map { ReasonCount(reason: $0.key, count: $0.value) },
            symbols: Array(measure.symbols.sorted().prefix(256)), hardRollbackEnabled: terms.hardRollbackEnabled,
            action: measure.verdict != .breach
                ? .none : isAct && terms.hardRollbackEnabled && !terms.dryRun ? .hardRollback : .incident,
            evaluationEventID: id,
            amendsEventID: evaluation.amendsEventID.map { verdictID(measure.breach, of: $0, mint: mint) },
            tradingMode: terms.tradingMode, dryRun: terms.dryRun, isClosed: evaluation.isClosed,
            numerator: measure.numerator, observed: measure.observed, threshold: measure.threshold,
            baseline: measure.baseline, pendingTotal: count.pending, overdueTotal: count.overdue, terms: terms,
            truncated: count.isTruncated && evaluation.rules ?? 0 >= 4 ? true : nil)
    }
}
