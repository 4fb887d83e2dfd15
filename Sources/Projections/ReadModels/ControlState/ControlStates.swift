public import Core
public import Domain

/// What is in force, who set it and why; and everything that ever was.
public enum ControlStates: Projection {
    public struct Tables: TableSet {
        var states: CurrentTable<ControlStateRow>
        var history: TransitionTable<ControlHistoryRow>

        public init(_ maker: TableMaker) {
            states = maker.current(of: ControlStateRow.self)
            history = maker.transitions(of: ControlHistoryRow.self)
        }

        public mutating func visit<Visitor: TableVisitor & ~Copyable>(
            _ visitor: inout Visitor
        ) throws(Visitor.Failure) {
            try visitor.current(&states)
            try visitor.transitions(&history)
        }
    }

    public static let name = ProjectionName("control_state")
    public static let fold = 1
    public static let ownership = TopicCatalog.control
    public static let inputs = [TopicCatalog.control]
    public static let wants = Set(EventFamily.control.types)

    public static func need(of event: Event, in tables: inout Tables) {
        guard case .control(let said) = event.content else { return }
        let word = ControlWord(said, id: event.envelope.eventID)
        if word.isState { tables.states.need(ControlStateRow.Key(word)) }
    }

    public static func fold(_ event: Event, at place: RecordPosition, into tables: inout Tables) throws(Refusal) {
        guard case .control(let said) = event.content else { return }
        let word = ControlWord(said, id: event.envelope.eventID)
        tables.history.append(ControlHistoryRow(word, event, at: place.offset))
        guard word.isState else { return }
        let key = ControlStateRow.Key(word)
        tables.states.change(key, making: ControlStateRow(key)) { $0.take(word, event, at: place.offset) }
    }
}
