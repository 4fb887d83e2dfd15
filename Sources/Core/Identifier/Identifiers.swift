/// The kinds of names the house knows.
///
/// Only length and characters are checked here; what a name means is decided where it is used.
public enum AccountLabelKind: IdentifierKind {
    public static let name = "account_label"
    public static let maximumBytes = 64
}
public typealias AccountLabel = Identifier<AccountLabelKind>

public enum SymbolKind: IdentifierKind {
    public static let name = "symbol"
    public static let maximumBytes = 64
}
public typealias Symbol = Identifier<SymbolKind>

public enum StrategyKind: IdentifierKind {
    public static let name = "strategy_id"
    public static let maximumBytes = 128
}
public typealias StrategyID = Identifier<StrategyKind>

public enum ClientOrderKind: IdentifierKind {
    public static let name = "client_order_id"
    /// Alpaca takes no longer one.
    public static let maximumBytes = 128
}
public typealias ClientOrderID = Identifier<ClientOrderKind>

public enum CorrelationKind: IdentifierKind {
    public static let name = "correlation_id"
    public static let maximumBytes = 255
}
public typealias CorrelationID = Identifier<CorrelationKind>
