public import Core
public import Domain

/// What the canary's gate said of each limit, word by word, and the steps that its rollout took.
public enum LeanCanaryVerdicts: Projection {
    public struct Tables: TableSet {
        var verdicts: TransitionTable<LeanCanaryVerdictRow>
        var steps: TransitionTable<LeanRolloutStepRow>

        public init(_ maker: TableMaker) {
            verdicts = maker.transitions(of: LeanCanaryVerdictRow.self)
            steps = maker.transitions(of: LeanRolloutStepRow.self)
        }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.transitions(&verdicts)
            try visitor.transitions(&steps)
        }
    }

    public static let name = ProjectionName("lean_canary_verdicts")
    public static let fold = 1
    public static let ownership = TopicCatalog.canary
    public static let inputs = [TopicCatalog.canary]
    public static let wants: Set<EventType> = [.canary(.canaryJudged), .canary(.rolloutStepTaken)]

    public static func need(of event: Event, in tables: inout Tables) {}

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        switch event.content {
        case .canary(.canaryJudged(let it)):
            tables.verdicts.append(LeanCanaryVerdictRow(it, event, at: place.offset))
        case .canary(.rolloutStepTaken(let it)):
            tables.steps.append(LeanRolloutStepRow(it, event, at: place.offset))
        default: break
        }
    }
}
