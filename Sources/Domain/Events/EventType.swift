/// The type of an event: which family, which kind.
///
/// Its name is storage format.
public enum EventType: Hashable, Sendable {
    case decisions(Decisions.Kind)
    case intents(Intents.Kind)
    case route(Route.Kind)
    case orderEvents(OrderEvents.Kind)
    case shadow(Shadow.Kind)
    case strategyShadow(StrategyShadow.Kind)
    case backtests(Backtests.Kind)
    case canary(Canary.Kind)
    case control(Control.Kind)
    case account(Account.Kind)
    case heartbeats(Heartbeats.Kind)
    case quarantine(Quarantine.Kind)

    /// As it is written in `event_type`, `ce_type` and the names of schemas.
    public var name: String {
        switch self {
        case .decisions(let kind): kind.rawValue
        case .intents(let kind): kind.rawValue
        case .route(let kind): kind.rawValue
        case .orderEvents(let kind): kind.rawValue
        case .shadow(let kind): kind.rawValue
        case .strategyShadow(let kind): kind.rawValue
        case .backtests(let kind): kind.rawValue
        case .canary(let kind): kind.rawValue
        case .control(let kind): kind.rawValue
        case .account(let kind): kind.rawValue
        case .heartbeats(let kind): kind.rawValue
        case .quarantine(let kind): kind.rawValue
        }
    }

    public var family: EventFamily {
        switch self {
        case .decisions: .decisions
        case .intents: .intents
        case .route: .route
        case .orderEvents: .orderEvents
        case .shadow: .shadow
        case .strategyShadow: .strategyShadow
        case .backtests: .backtests
        case .canary: .canary
        case .control: .control
        case .account: .account
        case .heartbeats: .heartbeats
        case .quarantine: .quarantine
        }
    }
}

extension EventType: CaseIterable {
    public static let allCases: [EventType] = EventFamily.allCases.flatMap(\.types)
}

extension EventType: CustomStringConvertible {
    public var description: String { name }
}
