public import Core
public import Domain

/// Every attempt to bring an intent to an adapter, and every step on the way.
public enum RouteAttempts: Projection {
    public struct Tables: TableSet {
        var attempts: CurrentTable<RouteAttemptRow>
        var steps: TransitionTable<RouteStepRow>

        public init(_ maker: TableMaker) {
            attempts = maker.current(of: RouteAttemptRow.self)
            steps = maker.transitions(of: RouteStepRow.self)
        }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&attempts)
            try visitor.transitions(&steps)
        }
    }

    public static let name = ProjectionName("route_attempts")
    public static let fold = 1
    public static let ownership = TopicCatalog.decisions
    public static let inputs = [TopicCatalog.route]
    public static let wants = Set(EventFamily.route.types)

    public static func need(of event: Event, in tables: inout Tables) {
        guard case .route(let route) = event.content, let key = route.attemptKey,
            let scope = SymbolScope(event.envelope)
        else { return }
        tables.attempts.need(RouteAttemptRow.Key(key.attemptID, scope))
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .route(let route) = event.content, let scope = SymbolScope(event.envelope) else { return }
        tables.steps.append(RouteStepRow(route, event, scope, at: place.offset))
        guard let key = route.attemptKey else { return }
        let row = RouteAttemptRow(key, scope)
        tables.attempts.change(row.key, making: row) { $0.take(route, at: Moment(event.envelope.eventTime)) }
    }
}
