public import Core
public import Domain
public import Folding

/// Which strategies may trade, and what stands against enabling one, as the log says it to its end.
public struct StrategyView: Sendable {
    public private(set) var control: ControlState
    public private(set) var parity: ParityState
    /// Records that could not be read: each may be a reason against.
    public private(set) var unreadable: [Unreadable] = []

    private static let types: Set<EventType> = Set(
        (Control.Kind.allCases.map(EventType.control)) + (Canary.Kind.allCases.map(EventType.canary))
            + [.route(.idsDiverged)])

    public nonisolated(nonsending) static func read(_ log: any EventLog) async throws(LogError) -> StrategyView {
        let sources = HandlerLife.partitions([TopicCatalog.control, TopicCatalog.canary, TopicCatalog.route])
        let follower = try await LogFollower.open(log, sources, reading: { EventReading(wanting: types) })
        var state = DecisionState(under: TradingPolicy())
        var unreadable: [Unreadable] = []
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp {
                for record in try await follower.next(waiting: .milliseconds(200)) {
                    switch record.content {
                    case .fact(let event): state.fold(event, at: record.offset)
                    case .unreadable(let fault): unreadable.append(fault)
                    }
                }
                if Task.isCancelled { throw LogError(.read, .timedOut("cancelled before the end of the log")) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        return StrategyView(control: state.control, parity: state.parityState, unreadable: unreadable)
    }
}
