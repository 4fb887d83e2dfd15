internal import Core
internal import Domain
internal import Wire

/// One verdict of the canary's gate on one limit, with the limit that was in force.
public struct LeanCanaryVerdictRow: StoredRow {
    public static let table = TableName(
        "lean_canary_verdicts", .transitions, "What the canary's gate said of each limit.",
        indexes: [
            TableIndex("lean_canary_verdicts_created_at_idx", on: "created_at", why: "How the limits went over time.")
        ])

    public var key = LogOffset()
    var eventID = EventID(high: 0, low: 0)
    var breach = BreachType.fallbackRatioExceeded
    var verdict = Verdict.inconclusive
    var action = GateAction.none
    var windowStart = Moment.zero
    var windowEnd = Moment.zero
    var isClosed: Bool?
    var mode: TradingMode?
    var isDryRun: Bool?
    var sample: Int64 = 0
    var minimumSample: Int64 = 0
    var numerator: Int64?
    var observed: Amount?
    var threshold: Amount?
    var baseline: Amount?
    var leanTotal: Int64 = 0
    var fallbackTotal: Int64 = 0
    var pendingTotal: Int64?
    var overdueTotal: Int64?
    var isTruncated: Bool?
    var policy: ContentHash?
    var evaluation: EventID?
    var amends: EventID?
    var details = CompactJSON.emptyObject
    var createdAt = Moment.zero

    public init() {}

    init(_ it: CanaryJudged, _ event: Event, at offset: Int64) {
        key = LogOffset(offset)
        eventID = event.envelope.eventID
        breach = it.breachType
        verdict = it.window.verdict
        action = it.action
        windowStart = Moment(it.window.windowStart)
        windowEnd = Moment(it.window.windowEnd)
        isClosed = it.isClosed
        mode = it.tradingMode
        isDryRun = it.dryRun
        sample = it.window.sample
        minimumSample = it.window.minimumSample
        numerator = it.numerator
        observed = it.observed
        threshold = it.threshold
        baseline = it.baseline
        leanTotal = it.leanTotal
        fallbackTotal = it.fallbackTotal
        pendingTotal = it.pendingTotal
        overdueTotal = it.overdueTotal
        isTruncated = it.truncated
        policy = it.window.policyHash
        evaluation = it.evaluationEventID
        amends = it.amendsEventID
        details = EventEncoder.payload(of: event)
        createdAt = Moment(event.envelope.eventTime)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("event_id", &eventID, "The event.")
        try columns.text("breach_type", &breach, "Which limit.")
        try columns.text("verdict", &verdict, "What was said.")
        try columns.text("action", &action, "What followed.")
        try columns.column("window_start", &windowStart, "From here on was counted, inclusive.")
        try columns.column("window_end", &windowEnd, "To here, exclusive.")
        try columns.column("is_closed", &isClosed, "Whether the window is a whole one that is over.")
        try columns.text("trading_mode", &mode, "Paper or live.")
        try columns.column("dry_run", &isDryRun, "Whether it only records.")
        try walkCounts(&columns)
        try columns.text("policy_hash", &policy, "The policy in force.")
        try columns.column("evaluation_event_id", &evaluation, "The evaluation on control that it is made from.")
        try columns.column("amends_event_id", &amends, "The verdict that it amends.")
        try columns.column("details_json", &details, "The whole payload.")
        try columns.column("created_at", &createdAt, "When it was judged.")
    }

    private mutating func walkCounts<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("sample", &sample, "How many were counted.")
        try columns.column("minimum_sample", &minimumSample, "How many are needed to say anything.")
        try columns.column("numerator", &numerator, "How many of these are on the wrong side.")
        try columns.column("observed", &observed, ColumnNote("What was measured.", unit: "as limited"))
        try columns.column("threshold", &threshold, ColumnNote("The limit in force.", unit: "as limited"))
        try columns.column("baseline", &baseline, ColumnNote("The same by Alpaca.", unit: "basis points"))
        try columns.column("lean_total", &leanTotal, "Intents that were to go by LEAN.")
        try columns.column("fallback_total", &fallbackTotal, "Of these, how many fell back.")
        try columns.column("pending_total", &pendingTotal, "Intents without an outcome yet.")
        try columns.column("overdue_total", &overdueTotal, "Intents that count as fallen back, being late.")
        try columns.column("truncated", &isTruncated, "Whether there were more than are remembered.")
    }
}
