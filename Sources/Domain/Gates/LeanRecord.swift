public import Core

/// One attempt through LEAN as the breaker sees it.
public struct LeanAttempt: KeyedRow {
    public enum Outcome: String, Word {
        public static let words = WordTable<Outcome>()

        case pending
        case succeeded
        case failed

        public var meaning: String {
            switch self {
            case .pending: "Nothing is known yet."
            case .succeeded: "LEAN did its work, whatever the broker said."
            case .failed: "It did not."
            }
        }
    }

    public var attemptID: AttemptID
    public var decision: DecisionHash
    public var qty: Amount?
    public var notional: Amount?
    public var preparedAt: Timestamp
    public var outcome: Outcome
    public var endedAt: Timestamp?
    /// When the broker showed another size than was asked for.
    public var mismatchedAt: Timestamp?
    public var key: AttemptID { attemptID }

    init(_ event: AttemptPrepared, at moment: Timestamp) {
        attemptID = event.key.attemptID
        decision = event.key.decisionHash
        qty = event.terms.qty
        notional = event.terms.notional
        preparedAt = moment
        outcome = .pending
    }

    public init(unread: Unread) {
        attemptID = unread()
        decision = unread()
        preparedAt = unread()
        outcome = unread()
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("attempt_id", &attemptID, "Which.")
        try fields.field("decision", &decision, "From which decision.")
        try fields.field("qty", &qty, "How much was asked.")
        try fields.field("notional", &notional, "Or for how much.")
        try fields.field("prepared_at", &preparedAt, "When it was prepared.")
        try fields.field("outcome", &outcome, "What came of it.")
        try fields.field("ended_at", &endedAt, "When.")
        try fields.field("mismatched_at", &mismatchedAt, "When its size was wrong.")
    }

    /// A probe that nobody answered has failed; so every probe ends.
    func isFailed(at now: Timestamp, limit: Duration) -> Bool {
        outcome == .failed || (outcome == .pending && now.since(preparedAt) > limit)
    }
}

/// How far one partition was folded.
struct FoldedPartition: KeyedRow {
    var topic: TopicName
    var partition: Int64
    var offset: Int64
    var key: String { "\(topic)/\(partition)" }

    init(topic: TopicName, partition: Int64, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    init(unread: Unread) {
        topic = unread()
        partition = unread()
        offset = unread()
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("topic", &topic, "Topic.")
        try fields.field("partition", &partition, "Partition.")
        try fields.field("offset", &offset, "Everything before it is included.")
    }
}
