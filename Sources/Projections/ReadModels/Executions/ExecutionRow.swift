internal import Core
internal import Domain

/// An order as it is now.
public struct ExecutionRow: StoredRow {
    public static let table = TableName(
        "executions", .current, "Each order, however it went.",
        indexes: [
            TableIndex(
                "executions_alpaca_order_id_idx", on: "alpaca_order_id", why: "From the broker's id to the order."),
            TableIndex("executions_symbol_status_idx", on: "symbol", "status", why: "The open orders of a symbol."),
            TableIndex(
                "executions_symbol_created_at_idx", on: "symbol", "created_at", why: "The latest orders of a symbol."),
            TableIndex("executions_created_at_idx", on: "created_at", why: "The latest orders."),
            TableIndex("executions_id_idx", on: "id", why: "An order by the id that other tables name it by."),
        ])

    /// The decision behind it, by the best witness.
    struct Decision: Equatable, Sendable, Comparable {
        var rank: Int32
        var hash: DecisionHash

        static func < (left: Self, right: Self) -> Bool {
            left.rank == right.rank ? left.hash < right.hash : left.rank < right.rank
        }
    }

    /// What its costs are measured against.
    struct Measure: Equatable, Sendable {
        var hash: DecisionHash
        var price: Amount
    }

    /// The broker's id, by the best witness.
    struct Linked: Equatable, Sendable, Comparable {
        var rank: Int32
        var id: BrokerOrderID

        static func < (left: Self, right: Self) -> Bool {
            left.rank == right.rank ? left.id < right.id : left.rank < right.rank
        }
    }

    public var key = OrderName()
    var id = RowID(high: 0, low: 0)
    var decision: Decision?
    var decisionID: RowID?
    var linked: Linked?
    var facts = OrderFacts()
    var route = RouteFacts()
    var ledger = Ledger()
    var measure: Measure?
    /// What follows from the parts above; made anew with every change.
    private(set) var status = OrderStatus.prepared
    private(set) var filledQty = Amount.zero
    private(set) var averagePrice: Amount?

    public init() {}

    init(_ key: OrderName) {
        self.key = key
        id = RowNames.execution(key.client, key.symbol, of: key.account)
    }

    mutating func settle() {
        status =
            facts.standing?.status
            ?? (route.step.map { $0.step == RouteFacts.Step.unknown } ?? true ? .unknown : .prepared)
        if ledger.count > 0 {
            filledQty = ledger.qty
            averagePrice = ledger.averagePrice
        } else {
            filledQty = facts.reported?.qty ?? .zero
            averagePrice = facts.reported?.price
        }
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try walkNames(&columns)
        try facts.walkTerms(&columns)
        try columns.text("status", &status, "Where the order is.")
        try facts.walkStatus(&columns)
        try route.walkStep(&columns)
        try columns.column("filled_qty", &filledQty, ColumnNote("Filled so far.", unit: "units"))
        try columns.column(
            "avg_fill_price", &averagePrice, ColumnNote("At this price on average.", unit: "currency per unit"))
        try ledger.walk(&columns)
        try facts.walkReported(&columns)
        try route.walkEvidence(&columns)
        try route.walkTakingReason(&columns)
        try facts.walkReplacing(&columns)
        try route.walkReplacing(&columns)
        try facts.walkRest(&columns)
        var (price, source) = (measure?.price, measure?.hash)
        try columns.column(
            "arrival_price", &price, ColumnNote("The mid its decision saw.", unit: "currency per unit"))
        try columns.text("arrival_decision_hash", &source, "Which decision that is.")
        if let price, let source { measure = Measure(hash: source, price: price) }
        var (created, updated) = (facts.createdAt ?? .zero, facts.updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (facts.createdAt, facts.updatedAt) = (created, updated)
    }

    private mutating func walkNames<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.column("id", &id, "Row id.")
        try key.walk(&columns)
        try columns.column("trade_decision_id", &decisionID, "The row of its decision.")
        var (hash, rank) = (decision?.hash, decision?.rank)
        try columns.text("decision_hash", &hash, "Its decision.")
        try columns.column("decision_rank", &rank, "How good the witness of that is; 0 is the best.")
        if let hash, let rank { decision = Decision(rank: rank, hash: hash) }
        try columns.text("strategy_id", &route.strategy, "Whose idea it was.")
        try columns.column("intent_id", &route.intent, "The intent it carries out.")
        var (alpaca, quality) = (linked?.id, linked?.rank)
        try columns.text("alpaca_order_id", &alpaca, "The broker's id.")
        try columns.column("alpaca_order_rank", &quality, "How good the witness of that is; 0 is the best.")
        if let alpaca, let quality { linked = Linked(rank: quality, id: alpaca) }
    }
}

extension Moment {
    static let zero = Moment(microseconds: 0)
}
