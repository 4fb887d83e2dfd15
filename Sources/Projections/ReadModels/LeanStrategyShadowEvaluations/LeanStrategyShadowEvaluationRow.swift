internal import Core
internal import Domain
internal import Wire

/// What LEAN's strategy would have decided, once.
public struct LeanStrategyShadowEvaluationRow: StoredRow {
    public static let table = TableName(
        "lean_strategy_shadow_evaluations", .transitions, "What LEAN's strategies would have decided.")

    public var key = LogOffset()
    var eventID = EventID(high: 0, low: 0)
    var eventType = ""
    var run = Label.blank
    var strategy = StrategyID.blank
    var account = AccountLabel.blank
    var symbol = Symbol.blank
    var decision: DecisionHash?
    var intent: CompactJSON?
    var shadow: CompactJSON?
    var parity = ParityStatus.error
    var governance: CompactJSON?
    var isReady: Bool?
    var score: Amount?
    var isDisabled = false
    var authority: AuthorityMode?
    var taxonomy: Domain.LaneFailure?
    var httpStatus: Int64?
    var reason: Prose?
    var latency: Int64?
    var createdAt = Moment.zero

    public init() {}

    init(_ said: StrategyShadow, _ envelope: Envelope, _ scope: SymbolScope, at offset: Int64) {
        key = LogOffset(offset)
        eventID = envelope.eventID
        eventType = said.kind.rawValue
        account = scope.account
        symbol = scope.symbol
        createdAt = Moment(envelope.eventTime)
        switch said {
        case .strategyShadowEvaluated(let it): take(it)
        case .strategyShadowFailed(let it): take(it)
        }
    }

    private mutating func take(_ it: StrategyShadowEvaluated) {
        run = it.runID
        strategy = it.strategyID
        decision = it.decisionHash
        intent = it.intentJSON
        shadow = it.shadowJSON
        parity = it.parityStatus
        governance = EventEncoder.text(of: it.governanceJSON)
        isReady = it.governanceJSON.promotionReady
        score = it.governanceJSON.parityScore
        isDisabled = it.disableSwitchActive
        authority = it.authorityMode
        latency = it.latencyMicroseconds
    }

    private mutating func take(_ it: StrategyShadowFailed) {
        run = it.runID
        strategy = it.strategyID
        decision = it.decisionHash
        isDisabled = it.disableSwitchActive
        taxonomy = it.failureTaxonomy
        httpStatus = it.httpStatus
        reason = it.reason
        latency = it.latencyMicroseconds
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("event_id", &eventID, "The event.")
        try columns.column("event_type", &eventType, "Its type.")
        try columns.text("run_id", &run, "The evaluation.")
        try columns.text("strategy_id", &strategy, "The strategy.")
        try columns.text("alpaca_account_label", &account, "Whose account.")
        try columns.text("symbol", &symbol, "The symbol.")
        try columns.text("decision_hash", &decision, "The decision it stood beside.")
        try columns.column("intent_json", &intent, "What was evaluated.")
        try columns.column("shadow_json", &shadow, "The runtime's answer.")
        try columns.text("parity_status", &parity, "Whether both agree.")
        try columns.column("governance_json", &governance, "What follows from it.")
        try columns.column("promotion_ready", &isReady, "Whether it may be promoted.")
        try columns.column("parity_score", &score, ColumnNote("How alike both are.", unit: "0 to 1"))
        try columns.column("disable_switch_active", &isDisabled, "Whether the lanes were disabled.")
        try columns.text("authority_mode", &authority, "How much this proves.")
        try columns.text("failure_taxonomy", &taxonomy, "How it failed.")
        try columns.column("http_status", &httpStatus, "Status of the answer.")
        try columns.text("reason", &reason, "The answer's words.")
        try columns.column("latency_us", &latency, ColumnNote("How long it took.", unit: "microseconds"))
        try columns.column("created_at", &createdAt, "When it happened.")
    }
}
