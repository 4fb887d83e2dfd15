public import Core

/// What every event says besides what happened: which one it is, when, about whom, and why.
public struct Envelope: Hashable, Sendable {
    /// The same event has the same id wherever and however often it lies.
    public var eventID: EventID
    /// When it happened.
    public var eventTime: Timestamp
    /// When we took it in, or made it.
    public var ingestTime: Timestamp
    /// Part of the identity of everything that belongs to an account.
    public var account: AccountLabel?
    public var symbol: Symbol?
    /// The writer's own count.
    ///
    /// It restarts with the writer, so it orders nothing between two of them.
    public var seq: Int64
    /// Which role or producer wrote it.
    public var source: SourceName
    /// What all events of one story share.
    public var correlation: StoryID
    /// The event that made this one; an event from outside has none.
    public var causation: EventID?
    /// Where that event lies.
    public var cause: Cause?
    public var window: EventWindow?

    @inlinable
    public init(
        eventID: EventID, eventTime: Timestamp, ingestTime: Timestamp, account: AccountLabel? = nil,
        symbol: Symbol? = nil, seq: Int64 = 0, source: SourceName, correlation: StoryID, causation: EventID? = nil,
        cause: Cause? = nil, window: EventWindow? = nil
    ) {
        self.eventID = eventID
        self.eventTime = eventTime
        self.ingestTime = ingestTime
        self.account = account
        self.symbol = symbol
        self.seq = seq
        self.source = source
        self.correlation = correlation
        self.causation = causation
        self.cause = cause
        self.window = window
    }
}

/// The window of time that a computed event is about.
public struct EventWindow: FieldRecord, Hashable {
    public var size: Label
    public var step: Label
    public var start: Timestamp
    public var end: Timestamp

    @inlinable
    public init(size: Label, step: Label, start: Timestamp, end: Timestamp) {
        self.size = size
        self.step = step
        self.start = start
        self.end = end
    }

    @inlinable
    public init(unread: Unread) {
        size = unread()
        step = unread()
        start = unread()
        end = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("size", &size, FieldNote("How long it is.", example: "PT1S"))
        try fields.field("step", &step, FieldNote("How far the next one starts.", example: "PT1S"))
        try fields.field("start", &start, "From, inclusive.")
        try fields.field("end", &end, "To, exclusive.")
    }
}

/// An event as it lies on the log.
public struct Event: Sendable, Equatable {
    public var envelope: Envelope
    public var content: DomainEvent

    @inlinable
    public init(_ envelope: Envelope, _ content: DomainEvent) {
        self.envelope = envelope
        self.content = content
    }
}
