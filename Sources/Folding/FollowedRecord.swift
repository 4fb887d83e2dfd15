public import Core

/// One record as a fold gets it: a fact, or the reason why it is none.
public struct FollowedRecord<Fact: Sendable>: Sendable {
    public enum Content: Sendable {
        case fact(Fact)
        indirect case unreadable(Unreadable)
    }

    /// Index into the follower's sources.
    public let source: Int
    public let offset: Int64
    /// When it was taken in; of a record that cannot be read, when the one before it was.
    public let ingestTime: Timestamp
    public let content: Content
    /// The latest moment that this record or one before it in its read names, those included that are no facts.
    let reach: Int64

    init(source: Int, offset: Int64, ingestTime: Timestamp, reach: Int64, content: Content) {
        self.source = source
        self.offset = offset
        self.ingestTime = ingestTime
        self.content = content
        self.reach = reach
    }
}

/// A record that is no fact, and why; it carries the record for whoever puts it aside.
public struct Unreadable: Sendable, CustomStringConvertible {
    public let record: Record
    /// Names no value of the record: those may be private.
    public let why: String
    /// Where in the record, and of which type, if that could be told.
    public let path: String
    public let eventType: String?

    init(record: Record, why: String, path: String, eventType: String?) {
        self.record = record
        self.why = why
        self.path = path
        self.eventType = eventType
    }

    /// One whose bytes nobody asks for.
    public init(position: RecordPosition, why: String) {
        self.init(
            record: Record(position: position, timestamp: 0, key: nil, value: nil, headers: []), why: why, path: "$",
            eventType: nil)
    }

    public var position: RecordPosition { record.position }
    public var description: String { "\(position): \(why)" }
}
