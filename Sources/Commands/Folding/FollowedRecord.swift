public import Core

/// One record as a fold gets it: a fact, or the reason why it is none.
public struct FollowedRecord<Fact: Sendable>: Sendable {
    public enum Content: Sendable {
        case fact(Fact)
        case unreadable(Unreadable)
    }

    /// Index into the follower's sources.
    public let source: Int
    public let offset: Int64
    /// When it was taken in; of a record that cannot be read, when the one before it was.
    public let ingestTime: Timestamp
    public let content: Content

    init(source: Int, offset: Int64, ingestTime: Timestamp, content: Content) {
        self.source = source
        self.offset = offset
        self.ingestTime = ingestTime
        self.content = content
    }
}

/// Why a record is no fact; it carries no value of the record.
public struct Unreadable: Sendable, Equatable, CustomStringConvertible {
    public let position: RecordPosition
    public let why: String

    public init(position: RecordPosition, why: String) {
        self.position = position
        self.why = why
    }

    public var description: String { "\(position): \(why)" }
}
