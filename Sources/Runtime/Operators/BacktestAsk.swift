public import Core
public import Domain
public import Lanes

/// Asks for a backtest, for whoever may: the asking is an event, and the role `lanes` has the runner answer it.
public enum BacktestAsk {
    public struct Asked: Sendable {
        /// As the log has it: of one that was asked for before, whoever asked first.
        public let run: BacktestRun
        /// Where the asking lies; `nil` when the run is open or has a result, and nothing had to be said.
        public let place: RecordPosition?
    }

    /// The same configuration in the same lane is the same run: it is asked for again only after it ended without a
    /// result.
    public static func ask(
        _ config: CanonicalConfig, lane: String, by actor: ActorName, at now: Timestamp, source: SourceName,
        nonce: String, writer: String, on log: any EventLog
    ) async throws -> Asked {
        let id = config.id(in: lane)
        if let known = try await BacktestBook.read(log).entries[id]?.run,
            !known.status.isFinal || known.status == .completed
        {
            return Asked(run: known, place: nil)
        }
        let draft = try BacktestDraft(config, lane: lane, by: actor, at: now, source: source, nonce: nonce)
        guard let run = draft.run else { preconditionFailure("a draft is the asking for a run") }
        let place = try await OperatorAppend.append([draft.record], to: log, as: writer).first
        return Asked(run: run, place: place)
    }
}
