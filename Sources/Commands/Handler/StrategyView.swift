public import Core
public import Domain
public import Folding

/// Which strategies may trade, and what stands against enabling one, as the log says it to its end.
public struct StrategyView: Sendable {
    public private(set) var control: ControlState
    public private(set) var parity: ParityState
    /// Records that could not be read and of which no operator has said anything: each may be a reason against.
    public private(set) var unreadable: [Unreadable] = []

    private static let types: Set<EventType> = Set(
        (Control.Kind.allCases.map(EventType.control)) + (Canary.Kind.allCases.map(EventType.canary))
            + [.route(.idsDiverged)])

    public nonisolated(nonsending) static func read(_ log: any EventLog) async throws(LogError) -> StrategyView {
        let sources = HandlerLife.partitions([TopicCatalog.control, TopicCatalog.canary, TopicCatalog.route])
        var state = DecisionState(under: TradingPolicy())
        let unreadable = try await LogScan.read(log, sources, wanting: types) { event, place in
            state.fold(event, at: place.offset)
        }
        return StrategyView(control: state.control, parity: state.parityState, unreadable: unreadable)
    }
}
