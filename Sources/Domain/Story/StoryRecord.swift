public import Core

/// One record of the log that belongs to an order's story, and where it lies.
public struct StoryRecord: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        case event(Event)
        /// What a forwarder wrote down of the broker's stream, before the order feed said what it is.
        case message(BrokerMessage)
    }

    public let place: RecordPosition
    public let content: Content
    /// It is told because it was in force, not because the order followed from it: it needs no story of its own.
    public let isInForce: Bool

    public init(_ content: Content, at place: RecordPosition, isInForce: Bool = false) {
        self.place = place
        self.content = content
        self.isInForce = isInForce
    }

    /// The same record, told because it was in force.
    public var inForce: StoryRecord { StoryRecord(content, at: place, isInForce: true) }

    /// When we took it in.
    public var takenIn: Timestamp {
        switch content {
        case .event(let event): event.envelope.ingestTime
        case .message(let message): message.takenIn
        }
    }

    public var event: Event? { if case .event(let event) = content { event } else { nil } }
}

/// A message on a trade-updates topic, as far as a story needs it.
public struct BrokerMessage: Sendable, Equatable {
    public var takenIn: Timestamp
    public var event: BrokerWord?
    public var status: BrokerWord?
    public var clientOrderID: ClientOrderID?
    public var alpacaOrderID: BrokerOrderID?
    public var executionID: ExecutionID?

    public init(
        takenIn: Timestamp, event: BrokerWord? = nil, status: BrokerWord? = nil, clientOrderID: ClientOrderID? = nil,
        alpacaOrderID: BrokerOrderID? = nil, executionID: ExecutionID? = nil
    ) {
        self.takenIn = takenIn
        self.event = event
        self.status = status
        self.clientOrderID = clientOrderID
        self.alpacaOrderID = alpacaOrderID
        self.executionID = executionID
    }
}

/// An event of the story, told once however often it lies on the log.
public struct ToldEvent: Sendable, Equatable {
    public let place: RecordPosition
    public let event: Event
    /// Where the same event lies again.
    public internal(set) var repeated: [RecordPosition] = []
    public let isInForce: Bool

    public var id: EventID { event.envelope.eventID }
    public var takenIn: Timestamp { event.envelope.ingestTime }
    public var type: EventType { event.content.type }

    init(_ event: Event, at place: RecordPosition, isInForce: Bool) {
        self.event = event
        self.place = place
        self.isInForce = isInForce
    }

    /// By time, and where two have the same, by their place: the same order, however the records came.
    static func precedes(_ left: ToldEvent, _ right: ToldEvent) -> Bool {
        (left.takenIn, rank(left), left.place) < (right.takenIn, rank(right), right.place)
    }

    /// A decision comes before its answer, which comes before its route, also in the same instant.
    private static func rank(_ told: ToldEvent) -> Int {
        EventFamily.allCases.firstIndex(of: told.type.family) ?? EventFamily.allCases.count
    }
}
