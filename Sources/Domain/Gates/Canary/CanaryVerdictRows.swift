public import Core

/// What was said last of one limit.
public struct LastVerdict: KeyedRow {
    public var breach: BreachType
    public var verdict: Verdict
    public var eventID: EventID
    public var evaluatedAt: Timestamp
    public var sample: Int64
    public var observed: Amount?
    public var threshold: Amount?
    public var key: String { breach.rawValue }

    init(_ event: CanaryJudged, _ id: EventID) {
        breach = event.breachType
        verdict = event.window.verdict
        eventID = id
        evaluatedAt = event.window.evaluatedAt
        sample = event.window.sample
        observed = event.observed
        threshold = event.threshold
    }

    public init(unread: Unread) {
        breach = unread()
        verdict = unread()
        eventID = unread()
        evaluatedAt = unread()
        sample = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("breach", &breach, "Which limit.")
        try fields.field("verdict", &verdict, "What was said.")
        try fields.field("event_id", &eventID, "By which event.")
        try fields.field("evaluated_at", &evaluatedAt, "When.")
        try fields.field("sample", &sample, "Of how many.")
        try fields.field("observed", &observed, "What was measured.")
        try fields.field("threshold", &threshold, "The limit.")
    }
}

/// A whole window that was judged, with what was counted: whatever comes late is seen by the difference.
public struct ClosedWindow: KeyedRow {
    /// What was counted for one limit.
    public struct Measure: FieldRecord {
        public var breach: BreachType
        public var sample: Int64
        public var numerator: Int64?
        public var observed: Amount?
        /// From when on it was counted for this limit.
        public var start: Timestamp

        init(
            _ breach: BreachType, sample: Int64, numerator: Int64?, observed: Amount?, from start: Timestamp
        ) {
            self.breach = breach
            self.sample = sample
            self.numerator = numerator
            self.observed = observed
            self.start = start
        }

        init(_ event: CanaryJudged) {
            self.init(
                event.breachType, sample: event.window.sample, numerator: event.numerator, observed: event.observed,
                from: event.window.windowStart)
        }

        init(_ found: CanaryGate.Finding) {
            let measure = found.measure
            self.init(
                measure.breach, sample: measure.sample, numerator: measure.numerator, observed: measure.observed,
                from: found.start)
        }

        public init(unread: Unread) {
            breach = unread()
            sample = unread()
            start = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("breach", &breach, "Which limit.")
            try fields.field("sample", &sample, "How many.")
            try fields.field("numerator", &numerator, "Of these.")
            try fields.field("observed", &observed, "What was measured.")
            try fields.field("start", &start, "From when on.")
        }
    }

    public var windowEnd: Timestamp
    public var windowStart: Timestamp
    public var evaluationID: EventID?
    public var evaluatedAt: Timestamp
    public var terms: CanaryTerms?
    public var policyHash: ContentHash?
    public var measures: [Measure] = []
    public var key: Timestamp { windowEnd }

    init(_ event: CanaryJudged) {
        windowEnd = event.window.windowEnd
        windowStart = event.window.windowStart
        evaluatedAt = event.window.evaluatedAt
        terms = event.terms
        policyHash = event.window.policyHash
    }

    /// The latest evaluation of the window counts.
    mutating func take(_ event: CanaryJudged) {
        if evaluationID != event.evaluationEventID {
            evaluationID = event.evaluationEventID
            evaluatedAt = event.window.evaluatedAt
            measures = []
        }
        windowStart = min(windowStart, event.window.windowStart)
        measures.append(Measure(event))
    }

    /// The same stretch, as it is counted at this moment.
    func span(at now: Timestamp) -> CanarySpan {
        var limits = LimitStarts()
        for measure in measures where measure.start > windowStart { limits[measure.breach] = measure.start }
        return CanarySpan(from: windowStart, to: windowEnd, at: now, limits: limits)
    }

    public init(unread: Unread) {
        windowEnd = unread()
        windowStart = unread()
        evaluatedAt = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("window_end", &windowEnd, "Exclusive.")
        try fields.field("window_start", &windowStart, "Inclusive.")
        try fields.field("evaluation_id", &evaluationID, "Its latest evaluation.")
        try fields.field("evaluated_at", &evaluatedAt, "When that was.")
        try fields.field("terms", &terms, "What it was judged by.")
        try fields.field("policy_hash", &policyHash, "The policy of these terms.")
        try fields.list("measures", &measures, 0...8, "What was counted.")
    }
}
