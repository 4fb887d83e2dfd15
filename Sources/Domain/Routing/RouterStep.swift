public import Core

/// What the router is told.
public enum RouterInput: Sendable, Equatable {
    /// The log was read to its end, and the partition is ours.
    case started
    /// Time went by, or something was folded.
    case tick
    /// An adapter has room again, or intents came: the oldest may begin, without a look at everything that is open.
    case room
    /// A submit or a replace ended; nothing says when its first byte went out if none did.
    case answered(AttemptID, of: IntentID, SubmitAnswer, sentAt: Timestamp?, sentBytes: Int64)
    /// The broker was asked for an order by client order id.
    case lookedUp(IntentID, ClientOrderID, LookupAnswer)
    /// The runner was asked to abandon an attempt.
    case voided(IntentID, AttemptID, VoidAnswer)
    case cancelAnswered(IntentID, EventID, CancelAnswer)
    case cancelWanted(IntentID, CancelReason, actor: ActorName?, reason: Prose?, controlEventID: EventID?)
    case replaceWanted(IntentID, OrderTerms, actor: ActorName?, reason: Prose?)
}

public struct LookupAnswer: Sendable, Equatable {
    public var askedAt: Timestamp
    public var httpStatus: Int64?
    public var result: Result

    public enum Result: Sendable, Equatable {
        case found(ShownOrder)
        /// The broker answered, and has no such order.
        case absent
        /// No answer, or none that is believed.
        case failed
    }

    public init(askedAt: Timestamp, httpStatus: Int64? = nil, result: Result) {
        self.askedAt = askedAt
        self.httpStatus = httpStatus
        self.result = result
    }
}

public enum VoidAnswer: Sendable, Equatable {
    /// Durably: not submitted, and never will be.
    case neverWillBe
    /// It was submitted; the broker says what became of it.
    case submitted
    case failed
}

public enum CancelAnswer: Sendable, Equatable {
    /// The adapter took the request; only the order's own status confirms it.
    case taken(AdapterReply)
    /// The order cannot be canceled any more: look what became of it.
    case tooLate(AdapterReply)
    case failed(FailureTaxonomy, AdapterReply)
}

/// What the router wants done, after the events of the same step are durable and never before.
public enum RouterAction: Sendable, Equatable {
    case submit(OutgoingOrder)
    case replace(OutgoingOrder, of: BrokerOrderID)
    /// Ask the broker for an order by client order id.
    case lookUp(IntentID, ClientOrderID, at: Adapter)
    /// Ask the runner to answer durably that it will never submit this.
    case void(IntentID, AttemptID, ClientOrderID, epoch: Int64)
    case cancel(IntentID, EventID, BrokerOrderID, by: Adapter)
}

/// An order as it goes out.
public struct OutgoingOrder: Sendable, Equatable {
    public let intentID: IntentID
    public let attemptID: AttemptID
    public let adapter: Adapter
    public let account: AccountLabel
    public let symbol: Symbol
    public let side: Side
    public let terms: OrderTerms
    public let clientOrderID: ClientOrderID
    public let correlation: CorrelationID
    public let deadline: Timestamp
    public let epoch: Int64
}

/// Events for one atomic append, and what to do once they are durable.
public struct RouterStep: Sendable, Equatable {
    public internal(set) var events: [Event] = []
    public internal(set) var actions: [RouterAction] = []

    public var isEmpty: Bool { events.isEmpty && actions.isEmpty }
}
