import Core
import Domain
import Testing

@Suite struct `A decision under control` {
    private func answer(_ day: TradingDay, _ wish: Wish = Wish()) -> DecisionAnswer {
        day.decider.decide(wish.record(on: day), given: day.state, on: day.bench)
    }

    @Test func `becomes an intent when nothing stands against it`() throws {
        let answer = answer(TradingDay())
        let intent = try #require(answer.intent)
        #expect(intent.terms.qty == Amount(10))
        #expect(intent.intentNotional == Amount(1_000))
        #expect(intent.clientOrderID.text == intent.decisionHash.description)
        #expect(intent.executionExpectedAdapter == .alpaca && intent.routeReason == .adapterAlpaca)
        #expect(intent.judgement.tradingMode == .paper)
        // It names the positions of account and control that it was judged at.
        #expect(intent.judgement.judgedAt.map(\.offset) == [1, 1])
        #expect(answer.event?.envelope.cause?.description == "torghut.decisions.v1/3/0#0")
    }

    /// One thing wrong at a time: exactly its reason, and the decision is held, not bad.
    @Test(
        arguments: [
            ("trading off", .tradingDisabled), ("account blocked", .tradingDisabled),
            ("killed on the log", .killSwitchEnabled), ("latch file", .killSwitchEnabled),
            ("environment", .killSwitchEnabled), ("emergency stop", .emergencyStopActive),
            ("strategy off", .strategyDisabled), ("strategy unknown", .strategyUnknown),
            ("symbol under review", .symbolUnderReview), ("no account", .accountFactsMissing),
            ("incomplete account", .accountFactsMissing), ("account of another mode", .accountFactsMissing),
            ("old account", .accountFactsStale), ("account from the future", .accountFactsStale),
            ("control never seen", .controlFactsStale), ("control seen long ago", .controlFactsStale),
            ("wrong address", .liveTradingDisabled), ("crypto off", .cryptoTradingDisabled),
            ("memory full", .runtimeUncertaintyGate),
        ] as [(String, ReasonCode)])
    func `is held back, and says why`(what: String, reason: ReasonCode) {
        var day = TradingDay()
        var wish = Wish()
        spoil(&day, &wish, what)
        let answer = answer(day, wish)
        #expect(answer.isBlocked)
        #expect(answer.reasons == [reason])
    }

    private func spoil(_ day: inout TradingDay, _ wish: inout Wish, _ what: String) {
        let longAgo = day.now.advanced(by: .seconds(-61))
        switch what {
        case "trading off": day.settings["TRADING_ENABLED"] = nil
        case "account blocked": day.account.accountBlocked = true
        case "killed on the log": day.isKilled = true
        case "latch file": day.local.latchFile = true
        case "environment": day.local.environment = true
        case "emergency stop":
            let latched = EmergencyStopLatched(
                order: TradingDay.order(), stopReasons: [], latchedAt: day.now, recoverable: true)
            day.history.append(.control(.emergencyStopLatched(latched)))
        case "strategy off": day.strategyEnabled = false
        case "strategy unknown": day.strategyEnabled = nil
        case "symbol under review": day.history.append(.control(.symbolReviewOpened(review("AAPL", day.now))))
        case "no account": day.knowsAccount = false
        case "incomplete account": day.account.complete = false
        case "account of another mode": day.account.tradingMode = .live
        case "old account": day.account.asOf = longAgo ?? .earliest
        case "account from the future": day.account.asOf = day.now.advanced(by: .seconds(6)) ?? .latest
        case "control never seen": day.controlSeenAt = .some(nil)
        case "control seen long ago": day.controlSeenAt = day.now.advanced(by: .seconds(-3))
        case "wrong address": day.settings["APCA_API_BASE_URL"] = "https://api.alpaca.markets/v2/"
        case "crypto off":
            day.settings["TRADING_CRYPTO_ENABLED"] = "false"
            wish.symbol = "BTC/USD"
        case "memory full":
            day.settings["TRADING_DECISION_MEMORY_LIMIT"] = "1"
            day.history.append(.intents(.decisionBlocked(block())))
        default: Issue.record("nobody knows \(what)")
        }
    }

    private func review(_ symbol: String, _ now: Timestamp) -> SymbolReviewOpened {
        SymbolReviewOpened(
            order: TradingDay.order(.symbol(Symbol(trusted: symbol))), symbol: Symbol(trusted: symbol),
            fallbackCount: 3, fallbackLimit: 3,
            window: GateWindow(
                verdict: .breach, windowStart: now, windowEnd: now, sample: 3, minimumSample: 3,
                policyHash: ContentHash((0, 0, 0, 0)), evaluatedAt: now, vector: PositionVector(positions: [])))
    }

    private func block() -> DecisionBlocked {
        DecisionBlocked(
            decisionHash: DecisionHash((9, 9, 9, 9)), strategyID: TradingDay.strategy, timeframe: .oneMinute,
            action: .buy, terms: OrderTerms(orderType: .market, timeInForce: .day),
            submissionBlockReason: .killSwitchEnabled, submissionBlockAtomic: [.killSwitchEnabled],
            submissionStage: .blockedKillSwitch,
            judgement: Judgement(
                policyHash: ContentHash((0, 0, 0, 0)), configHash: ContentHash((0, 0, 0, 0)), tradingMode: .paper,
                capitalStage: .paper, judgedAt: []))
    }

    @Test func `names every reason at once, and bad beats held`() {
        var day = TradingDay()
        day.isKilled = true
        day.settings["TRADING_ENABLED"] = "false"
        day.settings["TRADING_MAX_NOTIONAL_PER_TRADE"] = "999"
        day.account.buyingPower = Amount(1)
        let answer = answer(day)
        #expect(answer.isRejected)
        #expect(
            answer.reasons == [.tradingDisabled, .killSwitchEnabled, .maxNotionalExceeded, .insufficientBuyingPower])
    }

    /// Live trading needs one setting that chooses it and one that means it.
    @Test(
        arguments: [("paper", nil, .paper, true), ("live", nil, .shadow, false), ("live", "true", .full, true)]
            as [(String, String?, CapitalStage, Bool)])
    func `trades live only when that was said twice`(
        mode: String, enabled: String?, stage: CapitalStage, isIntent: Bool
    ) {
        var day = TradingDay()
        day.settings["TRADING_MODE"] = mode
        day.settings["TRADING_LIVE_ENABLED"] = enabled
        day.settings["APCA_API_BASE_URL"] = mode == "live" ? "https://api.alpaca.markets" : nil
        day.account.tradingMode = mode == "live" ? .live : .paper
        #expect(day.policy.trading.capitalStage == stage)
        #expect((answer(day).intent != nil) == isIntent)
    }

    @Test func `is refused when it is too old, before anybody looks its hash up`() {
        var day = TradingDay()
        var state = day.state
        let record = Wish().record(on: day)
        #expect(day.decider.answer(record, in: &state, on: day.bench).intent != nil)
        day.now = day.now.advanced(by: .seconds(606)) ?? .latest
        let late = day.decider.decide(record, given: state, on: day.bench)
        #expect(late.isBlocked && late.reasons.contains(.decisionStale))
    }

    @Test(arguments: [(600, false), (604, false), (605, true), (700, true)] as [(Int, Bool)])
    func `lives as long as the policy says`(age: Int, isStale: Bool) {
        let answer = answer(TradingDay(), Wish(age: .seconds(age) + .milliseconds(1)))
        #expect(answer.reasons.contains(.decisionStale) == isStale)
    }

    @Test func `may say that it lives shorter, and not that it comes from tomorrow`() {
        #expect(answer(TradingDay(), Wish(expires: .seconds(-1))).reasons == [.decisionStale])
        #expect(answer(TradingDay(), Wish(age: .seconds(-6))).reasons == [.decisionInFuture])
        #expect(answer(TradingDay(), Wish(age: .seconds(-4))).intent != nil)
    }
}
