internal import Commands
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

    /// Of everybody who asks, at the command line and at the API: they meet under it.
    static let writerName = "torghut.operator.backtests"

    /// The same configuration in the same lane is the same run: it is asked for again only after it ended without a
    /// result.
    public static func ask(
        _ config: CanonicalConfig, lane: String, by actor: ActorName, at now: Timestamp, source: SourceName,
        nonce: String, on log: any EventLog
    ) async throws -> Asked {
        let id = config.id(in: lane)
        let draft = try BacktestDraft(config, lane: lane, by: actor, at: now, source: source, nonce: nonce)
        guard var run = draft.run else { preconditionFailure("a draft is the asking for a run") }
        let place = try await JudgedAppend.append(to: log, as: writerName) { log in
            guard let known = try await BacktestBook.read(log).entries[id]?.run,
                !known.status.isFinal || known.status == .completed
            else { return [draft.record] }
            run = known
            return []
        }.first
        return Asked(run: run, place: place)
    }
}
