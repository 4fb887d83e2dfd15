public import Core
public import Domain
import Wire

/// Writes what a strategy would decide, and what the handler must know to let it through.
public enum DecisionMaker {
    /// Settings under which every decision here becomes an intent.
    public static let settings = [
        "TRADING_ENABLED": "true", "TRADING_PLANNED_DECISION_TIMEOUT_SECONDS": "7200",
        "TRADING_ACCOUNT_FACTS_MAX_AGE_SECONDS": "86400",
    ]

    private static let strategy = StrategyID(trusted: "momentum")

    /// Trading may begin: the switch is released, the strategy is enabled, the account has money.
    public static func opening(at now: Timestamp) -> [Event] {
        let enabled = StrategyEnabled(order: IntentMaker.order(), strategyID: strategy)
        let account = AccountSnapshotObserved(
            asOf: now, tradingMode: .paper, currency: Label(trusted: "USD"), equity: Amount(1_000_000_000),
            cash: Amount(1_000_000_000), buyingPower: Amount(1_000_000_000), tradingBlocked: false,
            accountBlocked: false, status: BrokerWord(trusted: "ACTIVE"), positions: [], complete: true)
        return [
            IntentMaker.released(at: now), IntentMaker.event(.control(.strategyEnabled(enabled)), "enabled", at: now),
            IntentMaker.event(.account(.accountSnapshotObserved(account)), "account", at: now),
        ]
    }

    public static func decision(_ name: String, _ symbol: String, at now: Timestamp) throws -> Event {
        let symbol = Symbol(trusted: symbol)
        let parameters = [IdentityParameter(name: Label(trusted: "name"), value: Label(trusted: name))]
        let identity = try DecisionIdentity(
            account: AccountLabel(trusted: "paper"), strategy: strategy, symbol: symbol, eventTime: now,
            timeframe: .oneMinute, action: .buy, parameters: parameters)
        let decision = DecisionRecorded(
            decisionHash: EventMint.hash(identity), strategyID: strategy, timeframe: .oneMinute, action: .buy,
            terms: OrderTerms(qty: Amount(1), orderType: .limit, timeInForce: .day, limitPrice: Amount(100)),
            identityParams: parameters)
        return IntentMaker.event(.decisions(.decisionRecorded(decision)), name, symbol: symbol, at: now)
    }
}
