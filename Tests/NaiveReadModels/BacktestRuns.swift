internal import Core
internal import Domain

extension ReadModel {
    static let backtests = ReadModel(
        name: "lean_backtest_runs", ownership: TopicCatalog.backtests, inputs: [TopicCatalog.backtests],
        wants: Set(Backtests.Kind.allCases.map(EventType.backtests)),
        tables: [Table(name: "lean_backtest_runs", key: ["backtest_id"])],
        rows: { told, _ in
            let stories = grouped(told) { state(of: $0).map { key($0.backtestID.text) } }
            return ["lean_backtest_runs": stories.map(backtest)]
        })

    /// The run's whole state, which every event carries.
    private static func state(of told: Told) -> BacktestRun? {
        guard case .backtests(let event) = told.event.content else { return nil }
        return switch event {
        case .backtestSubmitted(let event): event.run
        case .backtestStarted(let event): event.run
        case .backtestCompleted(let event): event.run
        case .backtestFailed(let event): event.run
        }
    }

    private static func backtest(_ told: [Told]) -> NaiveRow {
        var row = NaiveRow()
        let told = told.reduce(into: [Told]()) { heard, next in
            // Whoever asks again for what is under way or done, gets what there is.
            if case .backtests(.backtestSubmitted) = next.event.content, let known = heard.last.flatMap(state),
                [.queued, .running, .completed].contains(known.status)
            {
                return
            }
            heard.append(next)
        }
        guard let run = told.last.flatMap(state) else { return row }
        row.set("id", rowID("lean_backtest_runs", run.backtestID.text))
        row.set("backtest_id", run.backtestID)
        row.set("status", run.status)
        row.set("requested_by", run.requestedBy)
        row.set("lane", run.lane)
        row.set("config_json", run.configJSON)
        row.set("result_json", run.resultJSON)
        row.set("artifacts_json", run.artifactsJSON)
        row.set("reproducibility_hash", run.reproducibilityHash)
        row.set("replay_hash", run.replayHash)
        row.set("deterministic_replay_passed", run.deterministicReplayPassed)
        row.set("authority_mode", run.authorityMode)
        row.set("failure_taxonomy", run.failureTaxonomy)
        row.set("reason", run.reason)
        row.set("execution_correlation_id", run.executionCorrelationID)
        row.set("submitted_at", run.submittedAt)
        row.set("started_at", run.startedAt)
        row.set("completed_at", run.completedAt)
        row.set(times: told.map(\.time))
        return row
    }
}
