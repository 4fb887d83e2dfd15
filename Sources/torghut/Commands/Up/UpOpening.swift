import Commands
import Core
import Domain
import Runtime
import Threading

/// What a log that nothing was said on is told, so that simulated orders flow: the kill switch is released and the
/// trader's strategies may trade.
///
/// All of it is one append. A log on which anybody said anything of the kill switch or of a strategy is left as it is: a
/// kill stays a kill.
enum UpOpening {
    static let actor = "torghut-up"
    static let reason = "begun by 'torghut up': the broker is simulated, and no order leaves this machine"

    struct Strategy: Sendable {
        let name: String
        let definition: String
    }

    /// Answers whether anything was said.
    static func say(on log: any EventLog, in folder: UpFolder, _ strategies: [Strategy]) async throws -> Bool {
        guard !KillLatch(dataFolder: folder.path).isEngaged else { return false }
        let view = try await ControlView.read(log)
        guard view.isUntouched else { return false }
        let origin = OperatorOrigin(
            actor: try ActorName(actor), reason: try Prose(reason), source: try SourceName("torghut-up"))
        var words = [ControlDesk.Word(.killSwitchReleased(KillSwitchReleased(order: origin.order(.global))))]
        let said = try await StrategyView.read(log)
        for strategy in strategies {
            let definition = try StrategyDesk.definition(Array(strategy.definition.utf8))
            words.append(
                ControlDesk.Word(
                    try StrategyDesk.word(
                        try StrategyID(strategy.name), definition: definition, hash: nil, parity: nil, origin,
                        given: said)))
        }
        let desk = ControlDesk(log, SystemTime(), source: origin.source, writerName: "torghut.operator.up")
        _ = try await desk.say(words)
        return true
    }
}

extension ControlView {
    /// Nobody has said anything yet of stops, lanes or strategies.
    fileprivate var isUntouched: Bool {
        state.kill.isEngaged && state.kill.stops.isEmpty && engagements.isEmpty && unreadable.isEmpty
            && state.strategies.rows.isEmpty && state.lanes.rows.isEmpty && !state.stop.isLatched
    }
}
