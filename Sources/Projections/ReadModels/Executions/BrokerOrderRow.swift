internal import Core
internal import Domain

/// What is known under a broker's id: its orders, and what was said of this id alone.
public struct BrokerOrderRow: StoredRow {
    public static let table = TableName(
        "execution_broker_orders", .current, "From a broker's id to its order, and what waits for that link.")

    public struct Key: RowKey {
        var account = AccountLabel.blank
        var alpaca = BrokerOrderID.blank
        var symbol = Symbol.blank

        public init() {}

        init(_ alpaca: BrokerOrderID, _ scope: SymbolScope) {
            account = scope.account
            self.alpaca = alpaca
            symbol = scope.symbol
        }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("alpaca_account_label", &account, "Whose account.")
            try columns.text("alpaca_order_id", &alpaca, "The broker's id.")
            try columns.text("symbol", &symbol, "The symbol.")
        }
    }

    public var key = Key()
    var orders = IDList()
    var rank: Int32?
    var executions = IDList()
    var facts = OrderFacts()

    public init() {}

    init(_ key: Key) { self.key = key }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        var (names, slices) = (orders.text, executions.text)
        try columns.column("client_order_ids", &names, "The orders it is linked to: one.")
        try columns.column("alpaca_order_rank", &rank, "How good the witness of that is; 0 is the best.")
        try columns.column("execution_ids", &slices, "Executions reported under this id alone.")
        (orders, executions) = (IDList(text: names), IDList(text: slices))
        try facts.walkTerms(&columns)
        try facts.walkStatus(&columns)
        try facts.walkReported(&columns)
        try facts.walkReplacing(&columns)
        try facts.walkRest(&columns)
        try columns.column("created_at", &facts.createdAt, "The earliest event with this id alone.")
        try columns.column("updated_at", &facts.updatedAt, "The latest event with this id alone.")
    }
}
