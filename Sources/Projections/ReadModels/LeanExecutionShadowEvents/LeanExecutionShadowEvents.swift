public import Core
public import Domain

/// What LEAN would have done with live intents.
public enum LeanExecutionShadowEvents: Projection {
    public struct Tables: TableSet {
        var events: TransitionTable<LeanExecutionShadowEventRow>

        public init(_ maker: TableMaker) { events = maker.transitions(of: LeanExecutionShadowEventRow.self) }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.transitions(&events)
        }
    }

    public static let name = ProjectionName("lean_execution_shadow_events")
    public static let fold = 2
    public static let ownership = TopicCatalog.leanShadow
    public static let inputs = [TopicCatalog.leanShadow]
    public static let wants = Set(EventFamily.shadow.types)

    public static func need(of event: Event, in tables: inout Tables) {}

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .shadow(let shadow) = event.content, let scope = SymbolScope(event.envelope) else { return }
        tables.events.append(LeanExecutionShadowEventRow(shadow, event.envelope, scope, at: place.offset))
    }
}
