internal import Core
internal import Domain

/// Which decision of which account.
public struct DecisionName: RowKey {
    var account = AccountLabel.blank
    var hash = DecisionHash((0, 0, 0, 0))
    var symbol = Symbol.blank

    public init() {}

    init(_ hash: DecisionHash, _ scope: SymbolScope) {
        account = scope.account
        self.hash = hash
        symbol = scope.symbol
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.text("alpaca_account_label", &account, "Whose account.")
        try columns.text("decision_hash", &hash, "The decision.")
        try columns.text("symbol", &symbol, "The symbol.")
    }
}

/// What the orders of a decision are measured against.
public struct ExecutionDecisionRow: StoredRow {
    public static let table = TableName(
        "execution_decisions", .current, "What the orders of a decision are measured against.")

    public var key = DecisionName()
    var orders = IDList()
    var isRecorded = false
    var arrivalPrice: Amount?

    public init() {}

    init(_ key: DecisionName) { self.key = key }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        var names = orders.text
        try columns.column("client_order_ids", &names, "The orders made from it.")
        orders = IDList(text: names)
        try columns.column("is_recorded", &isRecorded, "Whether the decision itself was read.")
        try columns.column(
            "arrival_price", &arrivalPrice, ColumnNote("The mid it saw.", unit: "currency per unit"))
    }
}

extension DecisionRecorded {
    /// The mid of the quote it saw, else the price it names.
    var seenPrice: Amount? { referenceQuote.map { Amount.middle($0.bid, $0.ask) } ?? arrivalPrice }
}
