public import Core

/// An order's whole story: a pure function of the records that belong to it, in whatever order they came.
public struct Story: Sendable {
    /// Each event once, in the order of the story.
    public let told: [ToldEvent]
    public let messages: [StoryRecord]
    /// The moment of the question: what is overdue is overdue then.
    public internal(set) var asked: Timestamp
    public let limits: StoryLimits
    /// What the log still holds of topics that are not kept forever; of a topic that is not named nothing is asked.
    public let held: [TopicPartition: Int64]

    /// What is known of each attempt.
    struct Attempt {
        var id: AttemptID
        var first: ToldEvent
        var prepared: (told: ToldEvent, said: AttemptPrepared)?
        var sent: ToldEvent?
        var accepted: (told: ToldEvent, said: AttemptAccepted)?
        var rejected: (told: ToldEvent, said: AttemptRejected)?
        var unknown: (told: ToldEvent, said: AttemptUnknown)?
        var resolved: (told: ToldEvent, said: AttemptResolved)?
        var fallback: (told: ToldEvent, said: FallbackDecided)?

        /// A replacement has a client order id of its own, which says it when *prepared* is missing.
        var isReplacement: Bool {
            prepared.map { $0.said.operation == .replace }
                ?? (first.event.content.attemptKey?.clientOrderID.text.contains("-r") ?? false)
        }

        var number: Int64 { first.event.content.attemptKey?.attempt ?? 0 }
    }

    let decisions: [ToldEvent]
    let answers: [ToldEvent]
    /// By the order of the route's own partition, where each word follows the one before.
    let routed: [(told: ToldEvent, said: Route)]
    let attempts: [Attempt]
    let byID: [EventID: ToldEvent]

    public init(
        _ records: some Sequence<StoryRecord>, at asked: Timestamp, _ limits: StoryLimits = StoryLimits(),
        held: [TopicPartition: Int64] = [:]
    ) {
        self.asked = asked
        self.limits = limits
        self.held = held
        var (byID, places): ([EventID: ToldEvent], [RecordPosition: StoryRecord]) = ([:], [:])
        for record in records { places[record.place] = record }
        var messages: [StoryRecord] = []
        for (place, record) in places.sorted(by: { $0.key < $1.key }) {
            guard let event = record.event else {
                messages.append(record)
                continue
            }
            if byID[event.envelope.eventID]?.repeated.append(place) == nil {
                byID[event.envelope.eventID] = ToldEvent(event, at: place, isInForce: record.isInForce)
            }
        }
        let told = byID.values.sorted(by: ToldEvent.precedes)
        self.told = told
        self.byID = byID
        self.messages = messages
        decisions = told.filter { $0.type == .decisions(.decisionRecorded) }
        answers = told.filter { $0.isAnswer }
        routed = told.compactMap { told in
            if case .route(let said) = told.event.content { (told, said) } else { nil }
        }.sorted { $0.told.place < $1.told.place }
        attempts = Self.attempts(routed)
    }

    public var isEmpty: Bool { told.isEmpty && messages.isEmpty }

    var intent: (told: ToldEvent, said: IntentEmitted)? {
        for told in answers { if case .intents(.intentEmitted(let said)) = told.event.content { return (told, said) } }
        return nil
    }

    private static func attempts(_ routed: [(told: ToldEvent, said: Route)]) -> [Attempt] {
        var attempts: [AttemptID: Attempt] = [:]
        var order: [AttemptID] = []
        for (told, said) in routed {
            guard let id = said.attemptKey?.attemptID else { continue }
            if attempts[id] == nil {
                attempts[id] = Attempt(id: id, first: told)
                order.append(id)
            }
            switch said {
            case .attemptPrepared(let said): attempts[id]?.prepared = (told, said)
            case .attemptSent: attempts[id]?.sent = told
            case .attemptAccepted(let said): attempts[id]?.accepted = (told, said)
            case .attemptRejected(let said): attempts[id]?.rejected = (told, said)
            case .attemptUnknown(let said): attempts[id]?.unknown = (told, said)
            case .attemptResolved(let said): attempts[id]?.resolved = (told, said)
            case .fallbackDecided(let said): attempts[id]?.fallback = (told, said)
            default: break
            }
        }
        return order.compactMap { attempts[$0] }
    }
}

extension ToldEvent {
    /// What a decision was answered with.
    var isAnswer: Bool {
        switch event.content {
        case .intents(.intentEmitted), .intents(.decisionRejected), .intents(.decisionBlocked): true
        default: false
        }
    }
}

extension Route {
    /// Which attempt it is about, where it is about one.
    var attemptKey: AttemptKey? {
        switch self {
        case .attemptPrepared(let event): event.key
        case .attemptSent(let event): event.key
        case .attemptAccepted(let event): event.key
        case .attemptRejected(let event): event.key
        case .attemptUnknown(let event): event.key
        case .attemptResolved(let event): event.key
        case .fallbackDecided(let event): event.key
        case .intentHeld, .intentReleased, .intentWithdrawn, .cancelRequested, .cancelConfirmed, .cancelRefused,
            .replaceRequested, .replaceDone, .replaceRefused, .idsDiverged:
            nil
        }
    }
}
