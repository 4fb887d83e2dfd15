internal import Core
internal import Domain

/// What LEAN would have done with one live intent.
public struct LeanExecutionShadowEventRow: StoredRow {
    public static let table = TableName(
        "lean_execution_shadow_events", .transitions, "What LEAN would have done with live intents.",
        indexes: [
            TableIndex("lean_execution_shadow_events_created_at_idx", on: "created_at", why: "Drift of the last hours.")
        ])

    public var key = LogOffset()
    var eventID = EventID(high: 0, low: 0)
    var eventType = ""
    var correlation: CorrelationID?
    var decisionID = RowID(high: 0, low: 0)
    var executionID = RowID(high: 0, low: 0)
    var account = AccountLabel.blank
    var intent = IntentID(high: 0, low: 0)
    var decision = DecisionHash((0, 0, 0, 0))
    var symbol = Symbol.blank
    var side: Side?
    var taxonomy: Domain.LaneFailure?
    var httpStatus: Int64?
    var reason: Prose?
    var latency: Int64?
    var qty: Amount?
    var intentPrice: Amount?
    var intentNotional: Amount?
    var fillPrice: Amount?
    var slippage: Amount?
    var parityDelta: Amount?
    var parity = ParityStatus.error
    var authority: AuthorityMode?
    var blockingReason: Code?
    var simulator: Label?
    var simulation: CompactJSON?
    var createdAt = Moment.zero
    var simulatedEvent: EventID?
    var adapter: Adapter?
    var filledQty: Amount?
    var actualPrice: Amount?
    var parityLimit: Amount?
    var revision: Int64?

    public init() {}

    init(_ shadow: Shadow, _ envelope: Envelope, _ scope: SymbolScope, at offset: Int64) {
        key = LogOffset(offset)
        eventID = envelope.eventID
        eventType = shadow.kind.rawValue
        account = scope.account
        symbol = scope.symbol
        createdAt = Moment(envelope.eventTime)
        switch shadow {
        case .shadowSimulated(let it): take(it)
        case .shadowFailed(let it): take(it)
        case .shadowParityJudged(let it): take(it)
        }
        let client = ClientOrderID(trusted: "\(decision)")
        decisionID = RowNames.decision(decision, symbol, of: account)
        executionID = RowNames.execution(client, symbol, of: account)
    }

    private mutating func take(_ it: ShadowSimulated) {
        correlation = it.executionCorrelationID
        intent = it.intentID
        decision = it.decisionHash
        side = it.side
        taxonomy = it.failureTaxonomy
        latency = it.latencyMicroseconds
        qty = it.terms.qty
        intentPrice = it.intentPrice
        intentNotional = it.intentNotional
        fillPrice = it.simulatedFillPrice
        slippage = it.simulatedSlippageBps
        parityDelta = it.parityDeltaBps
        parity = it.parityStatus
        authority = it.authorityMode
        blockingReason = it.blockingReason
        simulator = it.simulatorVersion
        simulation = it.simulationJSON
    }

    private mutating func take(_ it: ShadowFailed) {
        correlation = it.executionCorrelationID
        intent = it.intentID
        decision = it.decisionHash
        taxonomy = it.failureTaxonomy
        httpStatus = it.httpStatus
        reason = it.reason
        latency = it.latencyMicroseconds
    }

    private mutating func take(_ it: ShadowParityJudged) {
        intent = it.intentID
        decision = it.decisionHash
        side = it.side
        taxonomy = it.failureTaxonomy
        qty = it.qty
        fillPrice = it.simulatedFillPrice
        parityDelta = it.parityDeltaBps
        parity = it.parityStatus
        simulatedEvent = it.simulatedEventID
        adapter = it.executionAdapter
        filledQty = it.filledQty
        actualPrice = it.actualFillPrice
        parityLimit = it.parityLimitBps
        revision = it.revision
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("event_id", &eventID, "The event.")
        try columns.column("event_type", &eventType, "Its type.")
        try columns.text("correlation_id", &correlation, "X-Correlation-ID of the call.")
        try columns.column("trade_decision_id", &decisionID, "The decision's row.")
        try columns.column("execution_id", &executionID, "The order's row in executions.")
        try columns.text("alpaca_account_label", &account, "Whose account.")
        try columns.column("intent_id", &intent, "The intent.")
        try columns.text("decision_hash", &decision, "The decision behind it.")
        try columns.text("symbol", &symbol, "The symbol.")
        try columns.text("side", &side, "Buy or sell.")
        try columns.text("failure_taxonomy", &taxonomy, "What was wrong.")
        try columns.column("http_status", &httpStatus, "Status of the answer.")
        try columns.text("reason", &reason, "The answer's words.")
        try columns.column("latency_us", &latency, ColumnNote("How long it took.", unit: "microseconds"))
        try walkSimulation(&columns)
        try columns.column("created_at", &createdAt, "When it happened.")
        try walkJudgement(&columns)
    }

    private mutating func walkJudgement<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("simulated_event_id", &simulatedEvent, "The simulation that is judged.")
        try columns.text("execution_adapter", &adapter, "The route that filled it.")
        try columns.column("filled_qty", &filledQty, ColumnNote("What was filled.", unit: "units"))
        try columns.column(
            "actual_fill_price", &actualPrice, ColumnNote("The real one.", unit: "currency per unit"))
        try columns.column(
            "parity_limit_bps", &parityLimit, ColumnNote("How far apart they may be.", unit: "basis points"))
        try columns.column("revision", &revision, "Which judgement of this intent.")
    }

    private mutating func walkSimulation<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("qty", &qty, ColumnNote("How much.", unit: "units"))
        try columns.column("intent_price", &intentPrice, ColumnNote("The intent's.", unit: "currency per unit"))
        try columns.column("intent_notional", &intentNotional, ColumnNote("The intent's.", unit: "currency"))
        try columns.column(
            "simulated_fill_price", &fillPrice, ColumnNote("The simulated one.", unit: "currency per unit"))
        try columns.column(
            "simulated_slippage_bps", &slippage, ColumnNote("A cost when positive.", unit: "basis points"))
        try columns.column("parity_delta_bps", &parityDelta, ColumnNote("From the real fill.", unit: "basis points"))
        try columns.text("parity_status", &parity, "Whether that is within the limit.")
        try columns.text("authority_mode", &authority, "How much this proves.")
        try columns.text("blocking_reason", &blockingReason, "What it must not be used for.")
        try columns.text("simulator_version", &simulator, "Which simulator.")
        try columns.column("simulation_json", &simulation, "The simulator's answer.")
    }
}
