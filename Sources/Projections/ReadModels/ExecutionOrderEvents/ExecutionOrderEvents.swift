public import Core
public import Domain

/// Every broker update as the order feed classified it, duplicates included.
public enum ExecutionOrderEvents: Projection {
    public struct Tables: TableSet {
        var events: TransitionTable<ExecutionOrderEventRow>

        public init(_ maker: TableMaker) { events = maker.transitions(of: ExecutionOrderEventRow.self) }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.transitions(&events)
        }
    }

    public static let name = ProjectionName("execution_order_events")
    public static let fold = 1
    public static let ownership = TopicCatalog.decisions
    public static let inputs = [TopicCatalog.orderEvents]
    public static let wants: Set<EventType> = [.orderEvents(.brokerUpdateRecorded)]

    public static func need(of event: Event, in tables: inout Tables) {}

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .orderEvents(.brokerUpdateRecorded(let update)) = event.content,
            let scope = SymbolScope(event.envelope)
        else { return }
        tables.events.append(ExecutionOrderEventRow(update, event.envelope, scope, at: place.offset))
    }
}
