internal import Core
internal import Domain

/// A decision as it is now.
public struct TradeDecisionRow: StoredRow {
    public static let table = TableName(
        "trade_decisions", .current, "What became of each decision.",
        indexes: [
            TableIndex(
                "trade_decisions_symbol_created_at_idx", on: "symbol", "created_at",
                why: "The latest decisions of a symbol."),
            TableIndex(
                "trade_decisions_created_at_idx", on: "created_at", why: "The latest decisions; a span of them."),
        ])

    /// What was decided, from the best witness.
    struct Body: Sendable, Equatable {
        var rank: Int32
        var strategy: StrategyID?
        var timeframe: Timeframe?
        var action: Side?
        var qty: Amount?
        var notional: Amount?
        var orderType: OrderType?
        var timeInForce: TimeInForce?
        var limitPrice: Amount?
        var stopPrice: Amount?
        var bid: Amount?
        var ask: Amount?
        var arrivalPrice: Amount?
        var rationale: Prose?
        var decidedAt: Moment?
        var json: CompactJSON?
    }

    /// How it was judged, last.
    struct Judged: Sendable, Equatable {
        var stage: SubmissionStage?
        var reasons: CompactJSON?
        var rejectClass: RejectClass?
        var rejectOrigin: RejectOrigin?
        var tradingMode: TradingMode?
        var capitalStage: CapitalStage?
        var policyHash: ContentHash?
        var configHash: ContentHash?
    }

    public var key = DecisionName()
    var id = RowID(high: 0, low: 0)
    var body: Body?
    var status = DecisionStatus.planned
    var judged = Judged()
    var intent: IntentID?
    var client: ClientOrderID?
    var expectedAdapter: Adapter?
    var conflictedAt: Moment?
    var submittedAt: Moment?
    var executedAt: Moment?
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: DecisionName) {
        self.key = key
        id = RowNames.decision(key.hash, key.symbol, of: key.account)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("id", &id, "Row id.")
        try key.walk(&columns)
        try walkBody(&columns)
        var (word, rank) = (status.word, status.rank)
        try columns.text("status", &word, "Where it is.")
        try columns.column("status_rank", &rank, "How far that is; it only rises.")
        status = DecisionStatus(rank: rank, word: word)
        try judged.walk(&columns)
        try columns.column("intent_id", &intent, "The intent it became.")
        try columns.text("client_order_id", &client, "The order of that intent.")
        try columns.text("execution_expected_adapter", &expectedAdapter, "Where the policy sent it.")
        try columns.column("conflicted_at", &conflictedAt, "When its hash first came with another body.")
        try columns.column("submitted_at", &submittedAt, "When an attempt was first prepared.")
        try columns.column("executed_at", &executedAt, "When it was first said to be filled.")
        var (created, updated) = (createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (createdAt, updatedAt) = (created, updated)
    }

    private mutating func walkBody<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var rank = body?.rank
        try columns.column("body_rank", &rank, "How good the witness of the body is; 0 is the decision itself.")
        var it = body ?? Body(rank: 0)
        try columns.text("strategy_id", &it.strategy, "Whose idea it was.")
        try columns.text("timeframe", &it.timeframe, "The bars it decided on.")
        try columns.text("action", &it.action, "What it wants.")
        try columns.column("qty", &it.qty, ColumnNote("How much.", unit: "units"))
        try columns.column("notional", &it.notional, ColumnNote("How much, by notional.", unit: "currency"))
        try columns.text("order_type", &it.orderType, "How its price is found.")
        try columns.text("time_in_force", &it.timeInForce, "How long it stands.")
        try columns.column("limit_price", &it.limitPrice, ColumnNote("Limit price.", unit: "currency per unit"))
        try columns.column("stop_price", &it.stopPrice, ColumnNote("Stop price.", unit: "currency per unit"))
        try columns.column("reference_bid", &it.bid, ColumnNote("The bid it saw.", unit: "currency per unit"))
        try columns.column("reference_ask", &it.ask, ColumnNote("The ask it saw.", unit: "currency per unit"))
        try columns.column(
            "arrival_price", &it.arrivalPrice, ColumnNote("The mid it saw.", unit: "currency per unit"))
        try columns.text("rationale", &it.rationale, "Why, in its own words.")
        try columns.column("decision_event_ts", &it.decidedAt, "When it was decided.")
        try columns.column("decision_json", &it.json, "The whole payload.")
        guard let rank else { return }
        it.rank = rank
        body = it
    }
}

extension TradeDecisionRow.Judged {
    fileprivate mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.text("submission_stage", &stage, "Where it ended.")
        try columns.column("reject_reasons", &reasons, "Every reason that applied.")
        try columns.text("reject_class", &rejectClass, "The class of the first.")
        try columns.text("reject_origin", &rejectOrigin, "Who refused first.")
        try columns.text("trading_mode", &tradingMode, "Paper or live.")
        try columns.text("capital_stage", &capitalStage, "How much capital it might move.")
        try columns.text("policy_hash", &policyHash, "The policy it was judged by.")
        try columns.text("config_hash", &configHash, "The configuration in force.")
    }
}
