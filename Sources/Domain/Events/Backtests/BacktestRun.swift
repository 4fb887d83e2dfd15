public import Core

/// The whole state of a backtest.
public struct BacktestRun: FieldRecord {
    public var backtestID: BacktestID
    public var lane: Label
    public var requestedBy: ActorName
    public var status: BacktestStatus
    public var reproducibilityHash: ContentHash
    public var configJSON: CompactJSON
    public var submittedAt: Timestamp
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?
    public var resultJSON: CompactJSON?
    public var artifactsJSON: CompactJSON?
    public var replayHash: ContentHash?
    public var deterministicReplayPassed: Bool?
    public var authorityMode: AuthorityMode?
    public var failureTaxonomy: BacktestFailure?
    public var reason: Prose?
    public var executionCorrelationID: CorrelationID?

    @inlinable
    public init(
        backtestID: BacktestID, lane: Label, requestedBy: ActorName, status: BacktestStatus,
        reproducibilityHash: ContentHash, configJSON: CompactJSON, submittedAt: Timestamp, startedAt: Timestamp? = nil,
        completedAt: Timestamp? = nil, resultJSON: CompactJSON? = nil, artifactsJSON: CompactJSON? = nil,
        replayHash: ContentHash? = nil, deterministicReplayPassed: Bool? = nil, authorityMode: AuthorityMode? = nil,
        failureTaxonomy: BacktestFailure? = nil, reason: Prose? = nil, executionCorrelationID: CorrelationID? = nil
    ) {
        self.backtestID = backtestID
        self.lane = lane
        self.requestedBy = requestedBy
        self.status = status
        self.reproducibilityHash = reproducibilityHash
        self.configJSON = configJSON
        self.submittedAt = submittedAt
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.resultJSON = resultJSON
        self.artifactsJSON = artifactsJSON
        self.replayHash = replayHash
        self.deterministicReplayPassed = deterministicReplayPassed
        self.authorityMode = authorityMode
        self.failureTaxonomy = failureTaxonomy
        self.reason = reason
        self.executionCorrelationID = executionCorrelationID
    }

    @inlinable
    public init(unread: Unread) {
        backtestID = unread()
        lane = unread()
        requestedBy = unread()
        status = unread()
        reproducibilityHash = unread()
        configJSON = unread()
        submittedAt = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field(
            "backtest_id", &backtestID,
            FieldNote("The first 20 digits of a hash over lane and configuration.", example: "31b8b259c941a33016ae"))
        try fields.field("lane", &lane, FieldNote("The lane it was asked for.", example: "research_backtest"))
        try fields.field("requested_by", &requestedBy, "Who asked.")
        try fields.field("status", &status, "Where it is.")
        try fields.field("reproducibility_hash", &reproducibilityHash, "What the configuration hashes to.")
        try fields.field("config_json", &configJSON, "The configuration.")
        try fields.field("submitted_at", &submittedAt, "When it was asked for.")
        try fields.field("started_at", &startedAt, "When it started.")
        try fields.field("completed_at", &completedAt, "When it ended.")
        try fields.field("result_json", &resultJSON, "The result.")
        try fields.field("artifacts_json", &artifactsJSON, "Where its artifacts are.")
        try fields.field("replay_hash", &replayHash, "What the result hashes to.")
        try fields.field("deterministic_replay_passed", &deterministicReplayPassed, "Whether two runs agreed.")
        try fields.field("authority_mode", &authorityMode, "How much the result proves.")
        try fields.field("failure_taxonomy", &failureTaxonomy, "How it failed.")
        try fields.field("reason", &reason, "In the runner's words.")
        try fields.field("execution_correlation_id", &executionCorrelationID, "The X-Correlation-ID of the call.")
    }
}
