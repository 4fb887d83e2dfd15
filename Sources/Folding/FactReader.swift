public import Core
public import Domain
public import Wire

/// Turns records into what one fold takes; there is one for each thread that decodes.
public protocol FactReader: ~Copyable, SendableMetatype {
    /// What the fold takes: whole events, or less where it needs less.
    associatedtype Fact: Sendable

    mutating func read(_ value: RawSpan) throws(WireError) -> RecordReading<Fact>
}

/// What a record says to a fold, and when it was taken in.
public enum RecordReading<Fact: Sendable>: Sendable {
    case fact(Fact, of: EventType, at: Timestamp)
    /// An event of a type that the fold does not take; its payload was not looked at.
    case passed(EventType, at: Timestamp)
    /// An event of a type that no release of ours knew when this program was made.
    case unknownType(String, at: Timestamp)
    /// An event that the fold takes, in a version that this program does not know.
    case unknownVersion(String, at: Timestamp)
}
