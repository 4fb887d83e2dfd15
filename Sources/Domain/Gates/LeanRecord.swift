public import Core

/// One attempt through LEAN as the breaker sees it.
public struct LeanAttempt: FieldRecord, Equatable {
    public enum Outcome: String, Word {
        public static let words = WordTable<Outcome>()

        case pending
        case succeeded
        case failed
        case withheld

        public var meaning: String {
            switch self {
            case .pending: "Nothing is known yet."
            case .succeeded: "LEAN did its work, whatever the broker said."
            case .failed: "It did not."
            case .withheld: "It was never asked: the attempt was refused before it left."
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

/// The attempts through LEAN, in the order they were folded: found by id or decision, forgotten from the front.
///
/// None of this walks through them: a fold takes as long with many as with few.
struct LeanAttempts: Sendable {
    private var slots: [LeanAttempt] = []
    private var first = 0
    /// Counted from the first attempt ever.
    private var places: [AttemptID: Int] = [:]
    private var decisions: [DecisionHash: AttemptID] = [:]
    private var forgotten = 0

    var rows: ArraySlice<LeanAttempt> { slots[first...] }
    var count: Int { slots.count - first }

    subscript(attempt: AttemptID) -> LeanAttempt? { places[attempt].map { slots[$0 - forgotten] } }

    /// The first attempt of a decision that is remembered.
    subscript(decision: DecisionHash) -> LeanAttempt? { decisions[decision].flatMap { self[$0] } }

    /// Adds it, or takes the place of the one of this id.
    mutating func put(_ row: LeanAttempt) {
        if let place = places[row.attemptID] { return slots[place - forgotten] = row }
        places[row.attemptID] = slots.count + forgotten
        if decisions[row.decision] == nil { decisions[row.decision] = row.attemptID }
        slots.append(row)
    }

    /// Forgets from the front: those that are too old, and those beyond the limit.
    mutating func forget(before moment: Timestamp, keeping limit: Int) {
        while first < slots.count, slots[first].preparedAt < moment || count >= limit {
            places[slots[first].attemptID] = nil
            if decisions[slots[first].decision] == slots[first].attemptID { decisions[slots[first].decision] = nil }
            first += 1
        }
        guard first > 1_024, first > slots.count / 2 else { return }
        slots.removeFirst(first)
        forgotten += first
        first = 0
    }
}

/// When orders that were meant for LEAN last came by a partition, whatever route they took.
struct LeanDemand: KeyedRow {
    var partition: Int64
    var lastAt: Timestamp
    var key: Int64 { partition }

    init(partition: Int64, lastAt: Timestamp) {
        self.partition = partition
        self.lastAt = lastAt
    }

    init(unread: Unread) {
        partition = unread()
        lastAt = unread()
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("partition", &partition, "Which.")
        try fields.field("last_at", &lastAt, "When.")
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
