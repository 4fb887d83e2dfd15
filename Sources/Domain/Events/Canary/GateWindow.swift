public import Core

/// A gate's window, its verdict, and what both were computed from.
public struct GateWindow: FieldRecord {
    public var verdict: Verdict
    public var windowStart: Timestamp
    public var windowEnd: Timestamp
    public var sample: Int64
    public var minimumSample: Int64
    public var policyHash: ContentHash
    public var evaluatedAt: Timestamp
    public var vector: PositionVector

    @inlinable
    public init(
        verdict: Verdict, windowStart: Timestamp, windowEnd: Timestamp, sample: Int64, minimumSample: Int64,
        policyHash: ContentHash, evaluatedAt: Timestamp, vector: PositionVector
    ) {
        self.verdict = verdict
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.sample = sample
        self.minimumSample = minimumSample
        self.policyHash = policyHash
        self.evaluatedAt = evaluatedAt
        self.vector = vector
    }

    @inlinable
    public init(unread: Unread) {
        verdict = unread()
        windowStart = unread()
        windowEnd = unread()
        sample = unread()
        minimumSample = unread()
        policyHash = unread()
        evaluatedAt = unread()
        vector = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("verdict", &verdict, "What the gate says.")
        try fields.field("window_start", &windowStart, "From, inclusive.")
        try fields.field("window_end", &windowEnd, "To, exclusive.")
        try fields.field("sample", &sample, "How many were counted.")
        try fields.field("minimum_sample", &minimumSample, "How many are needed to say anything.")
        try fields.field("policy_hash", &policyHash, "The thresholds in force.")
        try fields.field("evaluated_at", &evaluatedAt, "The time of the evaluation.")
        try vector.walk(&fields)
    }
}
