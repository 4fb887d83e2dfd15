public import Core

/// What makes a decision the decision it is; `docs/identity.md` says it for everyone.
///
/// Quantities, prices and snapshots are left out on purpose: sizing and policy change them, and the order must still
/// be the same order. What a strategy wants to be part of the identity it declares as parameters.
public struct DecisionIdentity: Sendable, Equatable {
    public let account: AccountLabel
    public let strategy: StrategyID
    public let symbol: Symbol
    public let eventTime: Timestamp
    public let timeframe: Timeframe
    public let action: Side
    /// Sorted by name.
    public let parameters: [IdentityParameter]

    public enum Fault: Error, Equatable, Sendable {
        case tooManyParameters(allowed: Int, actual: Int)
        case repeatedParameter(String)
    }

    public static let maximumParameters = 64

    public init(
        account: AccountLabel, strategy: StrategyID, symbol: Symbol, eventTime: Timestamp, timeframe: Timeframe,
        action: Side, parameters: [IdentityParameter] = []
    ) throws(Fault) {
        guard parameters.count <= Self.maximumParameters else {
            throw .tooManyParameters(allowed: Self.maximumParameters, actual: parameters.count)
        }
        let sorted = parameters.sorted { $0.name < $1.name }
        for (first, second) in zip(sorted, sorted.dropFirst()) where first.name == second.name {
            throw .repeatedParameter(first.name.text)
        }
        self.account = account
        self.strategy = strategy
        self.symbol = symbol
        self.eventTime = eventTime
        self.timeframe = timeframe
        self.action = action
        self.parameters = sorted
    }

    /// The bytes that `decision_hash` is the SHA-256 of.
    public var canonicalText: [UInt8] {
        var text = CanonicalText(
            "torghut.decision.v1",
            [
                ("account_label", account.text), ("strategy_id", strategy.text), ("symbol", symbol.text),
                ("event_ts", eventTime.description), ("timeframe", timeframe.rawValue), ("action", action.rawValue),
            ])
        for parameter in parameters { text.append("param.\(parameter.name.text)", parameter.value.text) }
        return text.bytes
    }
}
