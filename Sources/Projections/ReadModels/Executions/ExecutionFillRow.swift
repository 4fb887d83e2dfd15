internal import Core
internal import Domain

/// One execution: what was filled, unless it was corrected or busted.
public struct ExecutionFillRow: StoredRow {
    public static let table = TableName(
        "execution_fills", .current, "Each slice of each order once, however often it was told.",
        indexes: [
            TableIndex("execution_fills_client_order_id_idx", on: "client_order_id", why: "The fills of an order.")
        ])

    public struct Key: RowKey {
        var account = AccountLabel.blank
        var execution = ExecutionID.blank
        var symbol = Symbol.blank

        public init() {}

        init(_ execution: ExecutionID, _ scope: SymbolScope) {
            account = scope.account
            self.execution = execution
            symbol = scope.symbol
        }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("alpaca_account_label", &account, "Whose account.")
            try columns.text("execution_id", &execution, "The broker's id of the slice.")
            try columns.text("symbol", &symbol, "The symbol.")
        }
    }

    /// A quantity at a price, as somebody said it.
    struct Slice: Sendable, Equatable {
        var qty: Amount
        var price: Amount
        var saying: Saying
        var position: Amount?
    }

    public var key = Key()
    var orders = IDList()
    var alpaca: BrokerOrderID?
    var isBusted = false
    var filled: Slice?
    var corrected: Slice?
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: Key) { self.key = key }

    var effective: Slice? { isBusted ? nil : corrected ?? filled }

    /// What it adds to an order it belongs to.
    var step: Ledger.Step {
        guard let effective else { return Ledger.Step(count: 1) }
        // Both are within the limits of a report, so the product is exact.
        return Ledger.Step(
            count: 1, qty: effective.qty.units, notional: effective.qty.units * effective.price.units)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try walkOwners(&columns)
        try columns.column("is_busted", &isBusted, "Whether it was taken back.")
        try Self.walk(
            &filled, &columns, "filled_qty", "filled_price", "filled_at", "filled_event_id")
        try Self.walk(
            &corrected, &columns, "corrected_qty", "corrected_price", "corrected_at", "corrected_event_id")
        var position = filled?.position
        try columns.column("position_qty", &position, ColumnNote("The position afterwards, signed.", unit: "units"))
        filled?.position = position
        var (created, updated) = (createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest report.")
        try columns.column("updated_at", &updated, "The latest report.")
        (createdAt, updatedAt) = (created, updated)
    }

    private mutating func walkOwners<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var (first, list) = (orders.first, orders.text)
        try columns.column("client_order_id", &first, "The order it belongs to; the first of the list.")
        try columns.column("client_order_ids", &list, "All orders it belongs to: one.")
        orders = IDList(text: list)
        try columns.text("alpaca_order_id", &alpaca, "The broker's id of the order.")
        var state = isBusted ? "busted" : corrected != nil ? "corrected" : "filled"
        var (qty, price) = (effective?.qty ?? .zero, effective?.price)
        try columns.column("state", &state, "filled, corrected or busted.")
        try columns.column("effective_qty", &qty, ColumnNote("What counts.", unit: "units"))
        try columns.column("effective_price", &price, ColumnNote("At this price.", unit: "currency per unit"))
    }

    private static func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ slice: inout Slice?, _ columns: inout Walker, _ first: StaticString, _ second: StaticString,
        _ third: StaticString, _ fourth: StaticString
    ) throws(Walker.Failure) {
        var (qty, price) = (slice?.qty, slice?.price)
        var (at, event) = (slice?.saying.at, slice?.saying.event)
        try columns.column(first, &qty, ColumnNote("As it was said.", unit: "units"))
        try columns.column(second, &price, ColumnNote("As it was said.", unit: "currency per unit"))
        try columns.column(third, &at, "When.")
        try columns.column(fourth, &event, "Which event said it.")
        guard let qty, let price, let at, let event else { return }
        slice = Slice(qty: qty, price: price, saying: Saying(at: at, event: event), position: slice?.position)
    }
}
