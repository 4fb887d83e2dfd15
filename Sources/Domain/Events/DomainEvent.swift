/// What happened, as one of all the things that can happen.
public enum DomainEvent: Sendable, Equatable {
    case decisions(Decisions)
    case intents(Intents)
    case route(Route)
    case orderEvents(OrderEvents)
    case shadow(Shadow)
    case strategyShadow(StrategyShadow)
    case backtests(Backtests)
    case canary(Canary)
    case control(Control)
    case account(Account)
    case heartbeats(Heartbeats)
    case quarantine(Quarantine)

    @inlinable
    public var type: EventType {
        switch self {
        case .decisions(let event): .decisions(event.kind)
        case .intents(let event): .intents(event.kind)
        case .route(let event): .route(event.kind)
        case .orderEvents(let event): .orderEvents(event.kind)
        case .shadow(let event): .shadow(event.kind)
        case .strategyShadow(let event): .strategyShadow(event.kind)
        case .backtests(let event): .backtests(event.kind)
        case .canary(let event): .canary(event.kind)
        case .control(let event): .control(event.kind)
        case .account(let event): .account(event.kind)
        case .heartbeats(let event): .heartbeats(event.kind)
        case .quarantine(let event): .quarantine(event.kind)
        }
    }

    /// The event of this type whose payload the source gives.
    @inlinable
    public static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ type: EventType, from source: inout Source
    ) throws(Source.Failure) -> DomainEvent {
        switch type {
        case .decisions(let kind): .decisions(try Decisions.read(kind, from: &source))
        case .intents(let kind): .intents(try Intents.read(kind, from: &source))
        case .route(let kind): .route(try Route.read(kind, from: &source))
        case .orderEvents(let kind): .orderEvents(try OrderEvents.read(kind, from: &source))
        case .shadow(let kind): .shadow(try Shadow.read(kind, from: &source))
        case .strategyShadow(let kind): .strategyShadow(try StrategyShadow.read(kind, from: &source))
        case .backtests(let kind): .backtests(try Backtests.read(kind, from: &source))
        case .canary(let kind): .canary(try Canary.read(kind, from: &source))
        case .control(let kind): .control(try Control.read(kind, from: &source))
        case .account(let kind): .account(try Account.read(kind, from: &source))
        case .heartbeats(let kind): .heartbeats(try Heartbeats.read(kind, from: &source))
        case .quarantine(let kind): .quarantine(try Quarantine.read(kind, from: &source))
        }
    }

    /// Shows the payload, with its own type, to the viewer.
    @inlinable
    public func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(
        to viewer: inout Viewer
    ) throws(Viewer.Failure) {
        switch self {
        case .decisions(let event): try event.show(to: &viewer)
        case .intents(let event): try event.show(to: &viewer)
        case .route(let event): try event.show(to: &viewer)
        case .orderEvents(let event): try event.show(to: &viewer)
        case .shadow(let event): try event.show(to: &viewer)
        case .strategyShadow(let event): try event.show(to: &viewer)
        case .backtests(let event): try event.show(to: &viewer)
        case .canary(let event): try event.show(to: &viewer)
        case .control(let event): try event.show(to: &viewer)
        case .account(let event): try event.show(to: &viewer)
        case .heartbeats(let event): try event.show(to: &viewer)
        case .quarantine(let event): try event.show(to: &viewer)
        }
    }
}
