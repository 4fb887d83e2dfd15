public import Core

/// The stretch that an evaluation counts, which may be shorter for one limit than for another.
public struct CanarySpan: Sendable, Equatable {
    /// Inclusive.
    public let start: Timestamp
    /// Exclusive.
    public let end: Timestamp
    /// The moment by which an intent without an outcome may be overdue.
    public let moment: Timestamp
    public let limits: LimitStarts?

    public init(from start: Timestamp, to end: Timestamp, at moment: Timestamp, limits: LimitStarts? = nil) {
        self.start = start
        self.end = end
        self.moment = moment
        self.limits = limits.flatMap { $0.isEmpty ? nil : $0 }
    }

    init(_ evaluation: CanaryEvaluated) {
        self.init(
            from: evaluation.windowStart, to: evaluation.windowEnd, at: evaluation.evaluatedAt,
            limits: evaluation.limitStarts)
    }

    func start(of breach: BreachType) -> Timestamp { max(start, limits?[breach] ?? start) }
}
