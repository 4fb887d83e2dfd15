internal import Core
internal import Domain

/// Which order of which account: symbol stands last, as in all tables that are folded by symbol.
public struct OrderName: RowKey {
    var account = AccountLabel.blank
    var client = ClientOrderID.blank
    var symbol = Symbol.blank

    public init() {}

    init(_ client: ClientOrderID, _ scope: SymbolScope) {
        account = scope.account
        self.client = client
        symbol = scope.symbol
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.text("alpaca_account_label", &account, "Whose account.")
        try columns.text("client_order_id", &client, "The id both routes use.")
        try columns.text("symbol", &symbol, "The symbol.")
    }
}

/// Account and symbol of an event: part of the identity of all that it is about.
struct SymbolScope: Hashable, Sendable {
    let account: AccountLabel
    let symbol: Symbol

    /// `nil` never happens to an event of a family that needs both: the decoder refuses it.
    init?(_ envelope: Envelope) {
        guard let account = envelope.account, let symbol = envelope.symbol else { return nil }
        self.account = account
        self.symbol = symbol
    }

    init(_ name: OrderName) {
        account = name.account
        symbol = name.symbol
    }
}
