internal import Core
internal import Domain

/// A backtest as it is now.
public struct LeanBacktestRunRow: StoredRow {
    public static let table = TableName("lean_backtest_runs", .current, "Backtests as they are.")

    public struct Key: RowKey {
        var backtest = BacktestID.blank

        public init() {}

        init(_ backtest: BacktestID) { self.backtest = backtest }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("backtest_id", &backtest, "The run.")
        }
    }

    public var key = Key()
    var id = RowID(high: 0, low: 0)
    var status = BacktestStatus.queued
    var requestedBy = ActorName.blank
    var lane = Label.blank
    var config = CompactJSON.emptyObject
    var result: CompactJSON?
    var artifacts: CompactJSON?
    var reproducibility = ContentHash((0, 0, 0, 0))
    var replay: ContentHash?
    var isReplayed: Bool?
    var authority: AuthorityMode?
    var taxonomy: BacktestFailure?
    var reason: Prose?
    var correlation: CorrelationID?
    var submittedAt = Moment.zero
    var startedAt: Moment?
    var completedAt: Moment?
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: Key) {
        self.key = key
        id = RowNames.row(key.backtest.text, of: Self.table)
    }

    /// Asked for again, such a run is the same run: only one that failed or was cancelled begins anew.
    var isUnderWayOrDone: Bool {
        switch status {
        case .queued, .running, .completed: createdAt != nil
        case .failed, .cancelled: false
        }
    }

    mutating func take(_ run: BacktestRun, at time: Moment) {
        status = run.status
        requestedBy = run.requestedBy
        lane = run.lane
        config = run.configJSON
        result = run.resultJSON
        artifacts = run.artifactsJSON
        reproducibility = run.reproducibilityHash
        replay = run.replayHash
        isReplayed = run.deterministicReplayPassed
        authority = run.authorityMode
        taxonomy = run.failureTaxonomy
        reason = run.reason
        correlation = run.executionCorrelationID
        submittedAt = Moment(run.submittedAt)
        startedAt = run.startedAt.map(Moment.init)
        completedAt = run.completedAt.map(Moment.init)
        createdAt.lower(to: time)
        updatedAt.raise(to: time)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("id", &id, "Row id.")
        try key.walk(&columns)
        try columns.text("status", &status, "Where it is.")
        try columns.text("requested_by", &requestedBy, "Who asked.")
        try columns.text("lane", &lane, "The lane it was asked for.")
        try columns.column("config_json", &config, "The configuration.")
        try columns.column("result_json", &result, "The result.")
        try columns.column("artifacts_json", &artifacts, "Where its artifacts are.")
        try columns.text("reproducibility_hash", &reproducibility, "What the configuration hashes to.")
        try columns.text("replay_hash", &replay, "What the result hashes to.")
        try columns.column("deterministic_replay_passed", &isReplayed, "Whether two runs agreed.")
        try columns.text("authority_mode", &authority, "How much the result proves.")
        try columns.text("failure_taxonomy", &taxonomy, "How it failed.")
        try columns.text("reason", &reason, "In the runner's words.")
        try columns.text("execution_correlation_id", &correlation, "X-Correlation-ID of the call.")
        try columns.column("submitted_at", &submittedAt, "When it was asked for.")
        try columns.column("started_at", &startedAt, "When it started.")
        try columns.column("completed_at", &completedAt, "When it ended.")
        var (created, updated) = (createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (createdAt, updatedAt) = (created, updated)
    }
}
