import Core
import Domain

/// A small trading day: one account, one strategy, everything allowed, until a test says otherwise.
struct TradingDay {
    var settings = [
        "TRADING_ENABLED": "true", "TRADING_KILL_SWITCH_ENABLED": "false", "TRADING_CRYPTO_ENABLED": "true",
        "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret",
    ]
    var now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    var account = AccountSnapshotObserved(
        asOf: Timestamp(nanoseconds: 1_799_999_999_000_000_000), tradingMode: .paper,
        currency: Label(trusted: "USD"), equity: Amount(100_000), cash: Amount(50_000), buyingPower: Amount(50_000),
        tradingBlocked: false, accountBlocked: false, status: BrokerWord(trusted: "ACTIVE"), positions: [],
        complete: true)
    var local = LocalStop.none
    var controlSeenAt: Timestamp?? = .none
    /// Events after the usual ones.
    var history: [DomainEvent] = []
    var isKilled = false
    var knowsAccount = true
    var strategyEnabled: Bool? = true

    static let strategy = StrategyID(trusted: "strategy")
    static let paper = AccountLabel(trusted: "paper")

    var policy: Policy { Policy(settings: { [settings] in settings[$0] }) }
    var decider: TradingDecider {
        TradingDecider(PolicyInForce(policy, mint: TestMint.mint), mint: TestMint.mint)
    }
    var bench: Bench {
        Bench(at: now, controlSeenAt: controlSeenAt ?? now, local: local, source: SourceName(trusted: "commands"))
    }

    static func order(_ scope: Scope = .global) -> ControlOrder {
        ControlOrder(scope: scope, actor: ActorName(trusted: "ann"), reason: Words.reason)
    }

    var state: DecisionState {
        var state = DecisionState(under: policy.trading)
        if !isKilled { fold(.control(.killSwitchReleased(KillSwitchReleased(order: Self.order()))), into: &state) }
        switch strategyEnabled {
        case true?:
            let enabled = StrategyEnabled(order: Self.order(), strategyID: Self.strategy)
            fold(.control(.strategyEnabled(enabled)), into: &state)
        case false?:
            let disabled = StrategyDisabled(order: Self.order(), strategyID: Self.strategy)
            fold(.control(.strategyDisabled(disabled)), into: &state)
        case nil: break
        }
        if knowsAccount { fold(.account(.accountSnapshotObserved(account)), into: &state) }
        for event in history { fold(event, into: &state) }
        return state
    }

    func fold(
        _ content: DomainEvent, symbol: Symbol? = Symbol(trusted: "AAPL"), into state: inout DecisionState
    ) {
        let number = UInt64(bitPattern: Int64(content.type.name.count))
        let envelope = Envelope(
            eventID: EventID(high: 7, low: number), eventTime: now, ingestTime: now, account: Self.paper,
            symbol: symbol, source: SourceName(trusted: "test"), correlation: StoryID(high: 1, low: 1),
            cause: Cause(topic: TopicCatalog.decisions.name, partition: 0, offset: 99))
        state.fold(Event(envelope, content), at: 0)
    }
}

/// One decision, as a strategy would make it.
struct Wish {
    var symbol = "AAPL"
    var action = Side.buy
    var qty: String? = "10"
    var notional: String?
    var type = OrderType.limit
    var limit: String? = "100"
    var stop: String?
    var age = Duration.seconds(1)
    var expires: Duration?
    var hint: Adapter?
    var offset: Int64 = 0
    var rationale: String?

    func record(on day: TradingDay) -> DecisionRecord {
        let decidedAt = day.now.advanced(by: .zero - age) ?? .latest
        let symbol = Symbol(trusted: symbol)
        // Quantities and prices are no part of a decision's identity.
        let text = "\(TradingDay.strategy) \(symbol) \(decidedAt) \(action)"
        let decision = DecisionRecorded(
            decisionHash: DecisionHash(TestMint.hash(Array(text.utf8))), strategyID: TradingDay.strategy,
            timeframe: .oneMinute, action: action,
            terms: OrderTerms(
                qty: qty.map(Self.amount), notional: notional.map(Self.amount), orderType: type, timeInForce: .day,
                limitPrice: limit.map(Self.amount), stopPrice: stop.map(Self.amount)),
            identityParams: [], rationale: rationale.flatMap { try? Prose($0) }, adapterHint: hint,
            expiresAt: expires.flatMap { day.now.advanced(by: $0) })
        let envelope = Envelope(
            eventID: EventID(high: 1, low: UInt64(offset)), eventTime: decidedAt, ingestTime: decidedAt,
            account: TradingDay.paper, symbol: symbol, source: SourceName(trusted: "strategy"),
            correlation: StoryID(high: 2, low: UInt64(offset)))
        let event = Event(envelope, .decisions(.decisionRecorded(decision)))
        let cause = Cause(topic: TopicCatalog.decisions.name, partition: 3, offset: offset)
        guard let record = DecisionRecord(event, at: cause) else { preconditionFailure("it is a decision") }
        return record
    }

    static func amount(_ text: String) -> Amount {
        do { return try Amount(text) } catch { preconditionFailure("\(text): \(error)") }
    }
}

extension DecisionAnswer {
    var intent: IntentEmitted? {
        guard case .intents(.intentEmitted(let intent))? = event?.content else { return nil }
        return intent
    }

    /// All reasons, whether they reject or block.
    var reasons: [ReasonCode] {
        switch event?.content {
        case .intents(.decisionRejected(let event))?: event.riskReasons
        case .intents(.decisionBlocked(let event))?: event.submissionBlockAtomic
        default: []
        }
    }

    var isBlocked: Bool {
        if case .intents(.decisionBlocked)? = event?.content { return true }
        return false
    }

    var isRejected: Bool {
        if case .intents(.decisionRejected)? = event?.content { return true }
        return false
    }
}

extension HeldPosition {
    static func of(_ symbol: String, _ qty: String, available: String? = nil, price: String = "100") -> HeldPosition {
        let held = Wish.amount(qty)
        return HeldPosition(
            symbol: Symbol(trusted: symbol), qty: held, qtyAvailable: available.map(Wish.amount),
            marketValue: (try? held.multiplied(by: Wish.amount(price))), currentPrice: Wish.amount(price))
    }
}
