public import Core
public import Domain

/// What LEAN's strategies would have decided, one row for each evaluation.
public enum LeanStrategyShadowEvaluations: Projection {
    public struct Tables: TableSet {
        var evaluations: TransitionTable<LeanStrategyShadowEvaluationRow>

        public init(_ maker: TableMaker) { evaluations = maker.transitions(of: LeanStrategyShadowEvaluationRow.self) }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.transitions(&evaluations)
        }
    }

    public static let name = ProjectionName("lean_strategy_shadow_evaluations")
    public static let fold = 1
    public static let ownership = TopicCatalog.strategyShadow
    public static let inputs = [TopicCatalog.strategyShadow]
    public static let wants = Set(EventFamily.strategyShadow.types)

    public static func need(of event: Event, in tables: inout Tables) {}

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .strategyShadow(let said) = event.content, let scope = SymbolScope(event.envelope) else { return }
        tables.evaluations.append(LeanStrategyShadowEvaluationRow(said, event.envelope, scope, at: place.offset))
    }
}
