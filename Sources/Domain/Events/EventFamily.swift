/// A group of events with one topic and one writer.
public enum EventFamily: String, Hashable, Sendable, CaseIterable {
    case decisions
    case intents
    case route
    case orderEvents = "order_events"
    case shadow
    case strategyShadow = "strategy_shadow"
    case backtests
    case canary
    case control
    case account
    case heartbeats
    case quarantine

    public var topic: CatalogTopic {
        switch self {
        case .decisions: TopicCatalog.decisions
        case .intents: TopicCatalog.orderIntents
        case .route: TopicCatalog.route
        case .orderEvents: TopicCatalog.orderEvents
        case .shadow: TopicCatalog.leanShadow
        case .strategyShadow: TopicCatalog.strategyShadow
        case .backtests: TopicCatalog.backtests
        case .canary: TopicCatalog.canary
        case .control: TopicCatalog.control
        case .account: TopicCatalog.account
        case .heartbeats: TopicCatalog.heartbeats
        case .quarantine: TopicCatalog.quarantine
        }
    }

    public var types: [EventType] {
        switch self {
        case .decisions: Decisions.Kind.allCases.map(EventType.decisions)
        case .intents: Intents.Kind.allCases.map(EventType.intents)
        case .route: Route.Kind.allCases.map(EventType.route)
        case .orderEvents: OrderEvents.Kind.allCases.map(EventType.orderEvents)
        case .shadow: Shadow.Kind.allCases.map(EventType.shadow)
        case .strategyShadow: StrategyShadow.Kind.allCases.map(EventType.strategyShadow)
        case .backtests: Backtests.Kind.allCases.map(EventType.backtests)
        case .canary: Canary.Kind.allCases.map(EventType.canary)
        case .control: Control.Kind.allCases.map(EventType.control)
        case .account: Account.Kind.allCases.map(EventType.account)
        case .heartbeats: Heartbeats.Kind.allCases.map(EventType.heartbeats)
        case .quarantine: Quarantine.Kind.allCases.map(EventType.quarantine)
        }
    }

    /// The family whose events lie on this topic; each has a topic of its own.
    public init?(topic name: String) {
        guard let family = Self.allCases.first(where: { $0.topic.name == name }) else { return nil }
        self = family
    }

    /// Events of these families are about an account, and their envelope names it.
    @inlinable
    public var needsAccount: Bool {
        switch self {
        case .decisions, .intents, .route, .orderEvents, .shadow, .strategyShadow, .account: true
        case .backtests, .canary, .control, .heartbeats, .quarantine: false
        }
    }

    /// Events of these families are about a symbol, and their envelope names it.
    @inlinable
    public var needsSymbol: Bool {
        switch self {
        case .decisions, .intents, .route, .orderEvents, .shadow, .strategyShadow: true
        case .backtests, .canary, .control, .account, .heartbeats, .quarantine: false
        }
    }
}

extension EventType {
    /// Why an event of this type is none where it lies; `nil` when it lies among its own.
    ///
    /// A family has one topic, and who may write there may say what its events say: an order to stop or to go on
    /// that lies among decisions was not said by anybody who may say it.
    @inlinable
    public func misplacement(among home: EventFamily?) -> String? { family == home ? nil : strangeness }

    /// What is said of an event of this type on another family's topic.
    public var strangeness: String { "an event of type \(name) does not belong on this topic" }
}
