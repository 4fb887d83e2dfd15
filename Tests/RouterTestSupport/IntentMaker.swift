public import Core
public import Domain
import Wire

/// Writes intents as the handler would, one after another, and what control must say before they may go.
public struct IntentMaker: Sendable {
    public var policy: RoutingPolicy
    public var control = ControlState()
    public var lifetime = Duration.seconds(600)
    public let prefix: String
    private var made = 0

    public init(_ policy: RoutingPolicy, prefix: String = "intent") {
        self.policy = policy
        self.prefix = prefix
    }

    /// The next intent, by the route that the resolver chooses; a small limit order unless told otherwise.
    public mutating func next(
        _ symbol: String = "AAPL", qty: Int64 = 1, price: Int64 = 100, expected: Adapter? = nil, at now: Timestamp
    ) -> Event {
        made += 1
        let name = "\(prefix)-\(made)"
        let symbol = Symbol(trusted: symbol)
        let choice = RouteResolver.resolve(symbol, policy: policy, control: control, at: now)
        let adapter = expected ?? choice.adapter
        let hash = DecisionHash(EventMint.content(Array(name.utf8)).words)
        let account = "paper"
        let id = EventMint.intentID(of: hash, account: account)
        let nothing = EventMint.content([])
        let emitted = IntentEmitted(
            intentID: id, decisionHash: hash, clientOrderID: ClientOrderID(trusted: hash.description),
            strategyID: StrategyID(trusted: "momentum"), timeframe: .oneMinute, side: .buy,
            terms: OrderTerms(
                qty: Amount(qty), orderType: .limit, timeInForce: .day, limitPrice: Amount(price)),
            executionExpectedAdapter: adapter, executionAdapterPolicy: policy.mode ?? .allowlist,
            routeReason: choice.reason, executionFallbackAdapter: adapter == .lean ? policy.fallback : nil,
            expiresAt: now.advanced(by: lifetime),
            judgement: Judgement(
                policyHash: nothing, configHash: nothing, tradingMode: .paper, capitalStage: .paper, judgedAt: []))
        return Self.event(.intents(.intentEmitted(emitted)), name, symbol: symbol, at: now)
    }

    public static func event(
        _ content: DomainEvent, _ name: String, symbol: Symbol? = nil, at now: Timestamp
    ) -> Event {
        let id = EventMint.eventID(.outside(source: "test", key: name))
        return Event(
            Envelope(
                eventID: id, eventTime: now, ingestTime: now, account: AccountLabel(trusted: "paper"),
                symbol: symbol, source: SourceName(trusted: "test"),
                correlation: StoryID(high: id.high, low: id.low)), content)
    }

    public static func order(_ scope: Scope = .global, _ reason: StaticString = "a test") -> ControlOrder {
        ControlOrder(
            scope: scope, actor: ActorName(trusted: "operator"), reason: prose("\(reason)"))
    }

    private static func prose(_ text: String) -> Prose {
        do { return try Prose(text) } catch { preconditionFailure("\(text) is prose") }
    }

    /// Trading may begin.
    public static func released(at now: Timestamp) -> Event {
        event(.control(.killSwitchReleased(KillSwitchReleased(order: order()))), "released", at: now)
    }

    /// An operator looked, and there is no such order.
    public static func vouchedNotLive(_ intent: IntentID, at now: Timestamp) -> Event {
        let granted = OverrideGranted(
            order: order(.intent(intent)), kind: .attemptNotLive, intentID: intent,
            expiresAt: now.advanced(by: .seconds(3_600)))
        return event(.control(.overrideGranted(granted)), "vouched-\(intent)", at: now)
    }

    public static func laneOff(_ lane: Lane, at now: Timestamp) -> Event {
        event(.control(.laneDisabled(LaneDisabled(order: order(.lane(lane)), lane: lane))), "disabled-\(now)", at: now)
    }
}

extension Event {
    public var intent: IntentEmitted? {
        if case .intents(.intentEmitted(let intent)) = content { intent } else { nil }
    }
}
