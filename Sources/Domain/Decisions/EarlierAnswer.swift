public import Core

/// What a decision was answered, as long as it may come again.
public struct EarlierAnswer: Sendable, Equatable {
    public enum Outcome: String, Word {
        public static let words = WordTable<Outcome>()

        case intent
        case rejected
        case blocked

        public var meaning: String {
            switch self {
            case .intent: "An intent."
            case .rejected: "Refused as bad."
            case .blocked: "Held by policy."
            }
        }
    }

    public let decision: DecisionHash
    public let outcome: Outcome
    public let eventID: EventID
    public let answeredAt: Timestamp
    /// Where the decision lies that was answered.
    public let partition: Int32
    public let offset: Int64
    let body: BodyPrint

    public var cause: Cause { Cause(topic: TopicCatalog.decisions.name, partition: partition, offset: offset) }
}

/// The same as a row of a snapshot.
extension EarlierAnswer: FieldRecord {
    public init(unread: Unread) {
        decision = unread()
        outcome = unread()
        eventID = unread()
        answeredAt = unread()
        partition = 0
        offset = 0
        body = BodyPrint(lanes: SIMD8())
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        var (decision, outcome, eventID, answeredAt) = (decision, outcome, eventID, answeredAt)
        var (partition, offset, body) = (Int64(partition), offset, body)
        try fields.field("decision", &decision, "Which.")
        try fields.field("outcome", &outcome, "What it was answered.")
        try fields.field("event_id", &eventID, "By which event.")
        try fields.field("answered_at", &answeredAt, "When.")
        try fields.field("partition", &partition, "Where it lies.")
        try fields.field("offset", &offset, "Where it lies.")
        for index in BodyPrint.groups.indices {
            var lane = Int64(body.lanes[index])
            try fields.field("body", &lane, "What it asked for.")
            body.lanes[index] = UInt32(truncatingIfNeeded: lane)
        }
        self = EarlierAnswer(
            decision: decision, outcome: outcome, eventID: eventID, answeredAt: answeredAt,
            partition: Int32(truncatingIfNeeded: max(0, partition)), offset: offset, body: body)
    }
}
