import Core
import Domain

/// A router with one intent, driven by hand.
struct Drive {
    var now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    var settings = [
        "TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "all",
        "TRADING_LEAN_RUNNER_URL": "http://runner",
    ]
    var state = RouterState()
    var session: RouterSession
    var offset: Int64 = 0
    var intents: [IntentID] = []
    var symbol = Symbol(trusted: "AAPL")

    init() {
        session = RouterSession(
            epoch: 7, process: ProcessName(trusted: "router"), source: SourceName(trusted: "router"),
            controlSeenAt: now)
        write(.control(.killSwitchReleased(KillSwitchReleased(order: TradingDay.order()))))
        health(.lean)
    }

    var router: Router {
        let given = settings
        return Router(PolicyInForce(Policy(settings: { given[$0] }), mint: TestMint.mint), mint: TestMint.mint)
    }

    mutating func health(_ adapter: Adapter, _ health: HealthState = .healthy) {
        let observed = RunnerHealthObserved(
            order: TradingDay.order(.adapter(adapter)), address: Address(trusted: "http://runner"), health: health,
            observedAt: now)
        write(.control(.runnerHealthObserved(observed)))
    }

    mutating func write(_ content: DomainEvent) {
        offset += 1
        let envelope = Envelope(
            eventID: EventID(high: 3, low: UInt64(offset)), eventTime: now, ingestTime: now,
            account: TradingDay.paper, symbol: symbol, source: SourceName(trusted: "test"),
            correlation: StoryID(high: 4, low: UInt64(offset)))
        let cause = Cause(topic: content.type.family.topic.name, partition: 0, offset: offset)
        state.fold(Event(envelope, content), at: cause, under: router.policy.timing)
    }

    @discardableResult
    mutating func intent(_ adapter: Adapter = .lean, judgedAt: Int64 = 0, ttl: Duration = .seconds(600)) -> IntentID {
        let hash = DecisionHash(TestMint.hash(Array("intent \(offset)".utf8)))
        let id = TestMint.mint.intentID(of: hash, account: "paper")
        let nothing = ContentHash((0, 0, 0, 0))
        let emitted = IntentEmitted(
            intentID: id, decisionHash: hash, clientOrderID: ClientOrderID(trusted: hash.description),
            strategyID: TradingDay.strategy, timeframe: .oneMinute, side: .buy,
            terms: OrderTerms(qty: Amount(10), orderType: .limit, timeInForce: .day, limitPrice: Amount(100)),
            executionExpectedAdapter: adapter, executionAdapterPolicy: .all, routeReason: .policyAll,
            executionFallbackAdapter: adapter == .lean ? .alpaca : nil, expiresAt: now.advanced(by: ttl),
            judgement: Judgement(
                policyHash: nothing, configHash: nothing, tradingMode: .paper, capitalStage: .paper,
                judgedAt: [
                    LogPosition(topic: TopicName(trusted: TopicCatalog.control.name), partition: 0, offset: judgedAt)
                ]))
        write(.intents(.intentEmitted(emitted)))
        intents.append(id)
        return id
    }

    /// An operator's word on the first intent; without an attempt it is on the intent alone.
    mutating func vouch(_ kind: OverrideKind, _ attempt: AttemptID? = nil, order: BrokerOrderID? = nil) {
        let granted = OverrideGranted(
            order: TradingDay.order(.intent(first.intentID)), kind: kind, intentID: first.intentID, attemptID: attempt,
            alpacaOrderID: order, expiresAt: now.advanced(by: .seconds(600)))
        write(.control(.overrideGranted(granted)))
    }

    @discardableResult
    mutating func step(_ input: RouterInput = .tick, after wait: Duration = .zero) -> RouterStep {
        now = now.advanced(by: wait) ?? .latest
        if wait < .seconds(60) { session.controlSeenAt = now }
        return router.step(input, at: now, &state, &session)
    }

    var first: RoutedIntent {
        guard let id = intents.first, let intent = state[id] else { preconditionFailure("there is an intent") }
        return intent
    }

    func answered(_ answer: SubmitAnswer) -> RouterInput {
        guard let attempt = first.replacement ?? first.attempt else { preconditionFailure("there is an attempt") }
        return .answered(attempt.attemptID, of: first.intentID, answer, sentAt: now, sentBytes: 1)
    }

    func order(_ id: String = "order-1", _ status: OrderStatus = .new) -> ShownOrder {
        ShownOrder(
            alpacaOrderID: BrokerOrderID(trusted: id),
            clientOrderID: first.replacement?.clientOrderID ?? first.clientOrderID, symbol: first.symbol, side: .buy,
            qty: first.replacement?.terms.qty ?? Amount(10), status: BrokerWord(trusted: status.rawValue))
    }

    func accepted(_ id: String = "order-1") -> SubmitAnswer {
        .order(order(id), AdapterReply(httpStatus: 200), idempotentReplay: nil)
    }

    static let timeout = SubmitAnswer.unclear(.timeout, AdapterReply(), raw: nil)
    static let notSent = SubmitAnswer.refused(.notSent, .http5xx, AdapterReply(httpStatus: 503), raw: nil)

    mutating func seen(_ id: String, _ status: OrderStatus, client: ClientOrderID? = nil) {
        write(
            .orderEvents(
                .brokerUpdateRecorded(
                    BrokerUpdateRecorded(
                        eventFingerprint: ContentHash((0, 0, 0, 0)), sourceTopic: TopicName(trusted: "t"),
                        sourcePartition: 0, sourceOffset: 0, updateShape: .rawFrame, accountLabelOrigin: .laneDefault,
                        status: BrokerWord(trusted: status.rawValue), alpacaOrderID: BrokerOrderID(trusted: id),
                        clientOrderID: client ?? first.clientOrderID, classification: .applied,
                        decisionHash: first.decision, rawEvent: .emptyObject))))
    }
}

extension RouterStep {
    var kinds: [String] { events.map { String($0.content.type.name.drop { $0 != "." }.dropFirst()) } }
    var sentTo: [Adapter] {
        actions.compactMap { if case .submit(let order) = $0 { order.adapter } else { nil } }
    }
}
