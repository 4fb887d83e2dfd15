public import Core
public import Domain
internal import Wire

/// What became of each decision.
public enum TradeDecisions: Projection {
    public struct Tables: TableSet {
        var decisions: CurrentTable<TradeDecisionRow>

        public init(_ maker: TableMaker) { decisions = maker.current(of: TradeDecisionRow.self) }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&decisions)
        }
    }

    public static let name = ProjectionName("trade_decisions")
    public static let fold = 1
    public static let ownership = TopicCatalog.decisions
    public static let inputs = [
        TopicCatalog.decisions, TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents,
    ]
    public static let wants: Set<EventType> = [
        .decisions(.decisionRecorded), .intents(.intentEmitted), .intents(.decisionRejected),
        .intents(.decisionBlocked), .intents(.decisionConflicted), .route(.attemptPrepared), .route(.attemptSent),
        .route(.attemptAccepted), .route(.attemptRejected), .route(.attemptUnknown), .route(.attemptResolved),
        .route(.intentWithdrawn), .orderEvents(.brokerUpdateRecorded),
    ]

    public static func need(of event: Event, in tables: inout Tables) {
        if let key = event.decisionName { tables.decisions.need(key) }
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard let key = event.decisionName else { return }
        tables.decisions.change(key, making: TradeDecisionRow(key)) { row in
            row.createdAt.lower(to: Moment(event.envelope.eventTime))
            row.updatedAt.raise(to: Moment(event.envelope.eventTime))
            row.take(event)
        }
    }
}

extension Event {
    /// The decision this event is about.
    fileprivate var decisionName: DecisionName? {
        guard let scope = SymbolScope(envelope), let hash = decisionHash else { return nil }
        return DecisionName(hash, scope)
    }

    private var decisionHash: DecisionHash? {
        switch content {
        case .decisions(.decisionRecorded(let it)): it.decisionHash
        case .intents(.intentEmitted(let it)): it.decisionHash
        case .intents(.decisionRejected(let it)): it.decisionHash
        case .intents(.decisionBlocked(let it)): it.decisionHash
        case .intents(.decisionConflicted(let it)): it.decisionHash
        case .route(.attemptPrepared(let it)): it.key.decisionHash
        case .route(.attemptSent(let it)): it.key.decisionHash
        case .route(.attemptAccepted(let it)): it.key.decisionHash
        case .route(.attemptRejected(let it)): it.key.decisionHash
        case .route(.attemptUnknown(let it)): it.key.decisionHash
        case .route(.attemptResolved(let it)): it.key.decisionHash
        case .route(.intentWithdrawn(let it)): it.decisionHash
        case .orderEvents(.brokerUpdateRecorded(let it)):
            it.classification == .foreign ? nil : it.knownDecision
        default: nil
        }
    }
}

extension BrokerUpdateRecorded {
    /// The decision it names, else the one its client order id was made from.
    var knownDecision: DecisionHash? { decisionHash ?? clientOrderID?.decisionHash }
}
