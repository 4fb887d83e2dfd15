internal import Core
internal import Domain

/// What an order cost against the price that its decision saw; a cost is positive.
public struct ExecutionCostRow: StoredRow {
    public static let table = TableName(
        "execution_tca_metrics", .current, "What each execution cost against the price its decision saw.")

    public var key = OrderName()
    var executionID = RowID(high: 0, low: 0)
    var decisionID: RowID?
    var strategy: StrategyID?
    var adapter = Adapter.unknown
    var side = Side.buy
    var arrivalPrice = Amount.zero
    var averagePrice: Amount?
    var filledQty = Amount.zero
    var signedQty = Amount.zero
    var arrivalNotional: Amount?
    var slippage: Amount?
    var shortfall: Amount?
    var shortfallRate: Amount?
    var computedAt = Moment.zero

    public init() {}

    /// `nil` while there is nothing to measure.
    init?(_ order: ExecutionRow) {
        guard let arrival = order.measure?.price, let side = order.facts.terms?.side,
            order.ledger.count > 0 || order.facts.reported.map({ $0.qty > .zero }) ?? false
        else { return nil }
        key = order.key
        executionID = order.id
        decisionID = order.decisionID
        strategy = order.route.strategy
        adapter = order.route.taking?.adapter ?? .unknown
        self.side = side
        arrivalPrice = arrival
        averagePrice = order.averagePrice
        filledQty = order.filledQty
        signedQty = side == .buy ? filledQty : Amount(units: 0 &- filledQty.units)
        computedAt = order.facts.updatedAt ?? .zero
        measure(order)
    }

    private mutating func measure(_ order: ExecutionRow) {
        guard let average = averagePrice, let then = Amount.exactProduct(arrivalPrice, filledQty) else { return }
        arrivalNotional = Amount(units: then).billionth
        let paid = order.ledger.count > 0 ? order.ledger.notional : Amount.exactProduct(average, filledQty)
        guard let paid else { return }
        let (more, overflow) = paid.subtractingReportingOverflow(then)
        guard !overflow, more != .min else { return }
        let cost = side == .buy ? more : -more
        shortfall = Amount(units: cost).billionth
        slippage = Self.basisPoints(cost, of: then)
        guard let wanted = order.facts.terms?.qty, wanted > .zero,
            let whole = Amount.exactProduct(arrivalPrice, wanted)
        else { return }
        shortfallRate = Self.basisPoints(cost, of: whole)
    }

    private static func basisPoints(_ cost: Int128, of notional: Int128) -> Amount? {
        ExactQuotient.of(cost, times: 10_000 * 1_000_000_000, over: notional).map(Amount.init(units:))
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("execution_id", &executionID, "The order's row in executions.")
        try columns.column("trade_decision_id", &decisionID, "The decision's row.")
        try columns.text("strategy_id", &strategy, "Whose idea it was.")
        try columns.text("execution_adapter", &adapter, "Who has the order.")
        try columns.text("side", &side, "Buy or sell.")
        try columns.column("arrival_price", &arrivalPrice, ColumnNote("The mid.", unit: "currency per unit"))
        try columns.column("avg_fill_price", &averagePrice, ColumnNote("The price.", unit: "currency per unit"))
        try columns.column("filled_qty", &filledQty, ColumnNote("Filled so far.", unit: "units"))
        try columns.column("signed_qty", &signedQty, ColumnNote("Negative for a sell.", unit: "units"))
        try columns.column(
            "arrival_notional", &arrivalNotional, ColumnNote("At the arrival price.", unit: "currency"))
        try columns.column("slippage_bps", &slippage, ColumnNote("Of what was filled.", unit: "basis points"))
        try columns.column("shortfall_notional", &shortfall, ColumnNote("In money.", unit: "currency"))
        try columns.column("shortfall_bps", &shortfallRate, ColumnNote("Of the whole order.", unit: "basis points"))
        try columns.column("computed_at", &computedAt, "The latest event that is in it.")
    }
}

extension Amount {
    /// Of a number with eighteen decimals, the nine that an amount keeps.
    fileprivate var billionth: Amount? { ExactQuotient.of(units, over: 1_000_000_000).map(Amount.init(units:)) }
}
