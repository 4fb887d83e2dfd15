public import Core
public import Domain

/// Which strategies may trade.
public enum Strategies: Projection {
    public struct Tables: TableSet {
        var strategies: CurrentTable<StrategyRow>

        public init(_ maker: TableMaker) { strategies = maker.current(of: StrategyRow.self) }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&strategies)
        }
    }

    public static let name = ProjectionName("strategies")
    public static let fold = 1
    public static let ownership = TopicCatalog.control
    public static let inputs = [TopicCatalog.control]
    public static let wants: Set<EventType> = [.control(.strategyEnabled), .control(.strategyDisabled)]

    public static func need(of event: Event, in tables: inout Tables) {
        switch event.content {
        case .control(.strategyEnabled(let it)): tables.strategies.need(StrategyRow.Key(it.strategyID))
        case .control(.strategyDisabled(let it)): tables.strategies.need(StrategyRow.Key(it.strategyID))
        default: break
        }
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        let time = Moment(event.envelope.eventTime)
        switch event.content {
        case .control(.strategyEnabled(let it)):
            let key = StrategyRow.Key(it.strategyID)
            tables.strategies.change(key, making: StrategyRow(key)) { $0.enable(it, at: time) }
        case .control(.strategyDisabled(let it)):
            let key = StrategyRow.Key(it.strategyID)
            tables.strategies.change(key, making: StrategyRow(key)) { $0.disable(it, at: time) }
        default: break
        }
    }
}
