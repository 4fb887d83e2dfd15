import Core
import Domain
import TestSupport
import Testing

@Suite struct `The canary's verdict` {
    @Test(
        arguments: [
            (15, 5, .pass), (14, 6, .breach), (13, 6, .inconclusive), (0, 20, .breach), (20, 0, .pass),
            (0, 0, .inconclusive), (0, 1, .inconclusive),
        ] as [(Int, Int, Verdict)])
    func `is a breach above the limit, a pass at it, and nothing below the minimum sample`(
        kept: Int, fell: Int, verdict: Verdict
    ) throws {
        var world = CanaryWorld()
        for _ in 0..<kept { world.intent(.kept) }
        for _ in 0..<fell { world.intent(.fellBack) }
        let said = try #require(world.judge().ratio)
        #expect(said.window.verdict == verdict)
        #expect(said.leanTotal == Int64(kept + fell) && said.fallbackTotal == Int64(fell))
        #expect(said.window.sample == said.leanTotal && said.window.minimumSample == 20)
        #expect(said.tradingMode == .paper && said.window.policyHash == world.inForce.policyHash)
        #expect((said.fallbackRatio == nil) == (verdict == .inconclusive))
        #expect(said.fallbackReasons.map(\.count) == (fell == 0 ? [] : [Int64(fell)]))
        #expect(said.terms == world.policy.terms(dryRun: false) && !said.window.vector.positions.isEmpty)
    }

    /// Fault 67: what is above the line is always a part of what is below it.
    @Test func `counts numerator and denominator from the same intents`() throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE": "1"])
        for end in [CanaryWorld.End.kept, .business, .fellBack, .withheld, .withdrawn] { world.intent(end) }
        let unknown = world.intent(.unknown)
        let silent = world.intent(.none)
        // Alpaca's own orders say nothing of LEAN.
        world.intent(.kept, adapter: .alpaca)
        var said = try #require(world.judge().ratio)
        #expect((said.fallbackTotal, said.leanTotal) == (1, 3) && said.pendingTotal == 2 && said.overdueTotal == 0)
        // Whoever never comes back counts as fallen back, until it is known better.
        said = try #require(world.judge(after: .seconds(61)).ratio)
        #expect((said.fallbackTotal, said.leanTotal) == (3, 5) && said.pendingTotal == 0 && said.overdueTotal == 2)
        world.end(unknown, .kept)
        world.end(silent, .fellBack)
        said = try #require(world.judge(after: .seconds(61)).ratio)
        #expect((said.fallbackTotal, said.leanTotal) == (2, 5) && said.overdueTotal == 0)
    }

    @Test func `counts only what is in scope`() throws {
        var world = CanaryWorld([
            "TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY": "true", "TRADING_LEAN_LIVE_CANARY_SYMBOLS": "BTC/USD,AAPL",
            "TRADING_LEAN_LIVE_CANARY_ACCOUNTS": "paper, second", "TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE": "1",
        ])
        world.intent(.kept, "BTC/USD")
        world.intent(.fellBack, "BTC/USD", account: "second")
        world.intent(.fellBack, "ETH/USD")
        world.intent(.fellBack, "AAPL")
        world.intent(.fellBack, "BTC/USD", account: "third")
        world.intent(.fellBack, "BTC/USD", mode: .live)
        let said = try #require(world.judge().ratio)
        #expect((said.fallbackTotal, said.leanTotal) == (1, 2) && said.symbols.map(\.text) == ["BTC/USD"])
        #expect(said.terms?.accounts.map(\.text) == ["paper", "second"])
    }

    @Test func `is said also while all is well, and no more often than it must be`() {
        var world = CanaryWorld()
        for _ in 0..<20 { world.intent(.kept) }
        #expect(world.judge().ratio?.window.verdict == .pass)
        let said = (0..<600).count { _ in world.judge(after: .seconds(1)).ratio != nil }
        #expect((9...10).contains(said), "\(said) in ten minutes")
    }

    /// Without data nothing is said to be well: an empty window is inconclusive, for ever.
    @Test func `is inconclusive without data`() {
        var world = CanaryWorld()
        var words: Set<Verdict> = []
        for _ in 0..<40 {
            for verdict in world.judge(after: .seconds(60)).verdicts { words.insert(verdict.window.verdict) }
        }
        #expect(words == [.inconclusive])
        #expect(world.incidents.rows.count == 0)
    }

    @Test func `is not said at all while the canary is off`() {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_ENABLED": "false"])
        for _ in 0..<40 { world.intent(.fellBack) }
        #expect(world.judge().isEmpty)
        var switched = CanaryWorld()
        switched.say(
            .laneDisabled(
                LaneDisabled(order: TradingDay.order(.lane(.liveCanaryExecution)), lane: .liveCanaryExecution)))
        for _ in 0..<40 { switched.intent(.fellBack) }
        #expect(switched.judge().isEmpty)
    }

    /// A clock set back does not blind the gate, in whatever partition it counts; one set forward finds nothing.
    @Test func `survives a clock that jumps`() throws {
        var world = CanaryWorld()
        for _ in 0..<20 { world.intent(.kept) }
        #expect(world.judge().ratio?.window.verdict == .pass)
        world.pass(.seconds(-3_600))
        for number in 0..<20 { world.intent(.fellBack, partition: Int64(number % 3)) }
        let back = try #require(world.judge(after: .seconds(1)).ratio)
        #expect(back.window.verdict == .breach && back.leanTotal == 20)
        #expect(back.window.evaluatedAt.since(world.now) < .seconds(1))
        // It goes on as if nothing had been: verdicts are repeated, and whole windows are judged again.
        var closed = 0
        for _ in 0..<40 {
            let said = world.judge(after: .seconds(61)).verdicts
            #expect(said.contains { $0.isClosed == false })
            closed += said.count { $0.isClosed == true && $0.amendsEventID == nil }
        }
        #expect((2...3).contains(closed), "\(closed) windows in forty minutes")
        var forward = CanaryWorld()
        for _ in 0..<20 { forward.intent(.kept) }
        forward.judge()
        let empty = try #require(forward.judge(after: .seconds(36_000)).ratio)
        #expect(empty.window.verdict == .inconclusive && empty.leanTotal == 0)
    }

    /// One record of a clock that is wrong holds up nobody but itself.
    @Test func `is not blinded by a record from the future`() throws {
        var world = CanaryWorld()
        let future = world.now.advanced(by: .seconds(3_600))
        world.end(CanaryWorld.key(1), .kept, partition: 2, at: future)
        for number in 0..<20 { world.intent(.fellBack, partition: Int64(number % 3)) }
        let said = try #require(world.judge(after: .seconds(1)).ratio)
        #expect(said.window.verdict == .breach && said.leanTotal == 20)
    }

    @Test(arguments: [-3_600, 1_800, 3_600])
    func `does not go by the clock of an operator who puts LEAN back to use`(skew: Int64) throws {
        var world = CanaryWorld()
        for _ in 0..<20 { world.intent(.fellBack) }
        #expect(world.judge().stops.count == 1)
        world.pass(.seconds(10))
        world.write(
            .control(.laneEnabled(LaneEnabled(order: TradingDay.order(.lane(.execution)), lane: .execution))),
            at: world.now.advanced(by: .seconds(skew)))
        // Though its own record was from the future, the next one is not.
        world.judge(after: .seconds(61))
        #expect(world.judge(after: .seconds(61)).ratio?.leanTotal == 0)
        for _ in 0..<20 { world.intent(.fellBack) }
        #expect(world.judge(after: .seconds(6)).stops.count == 1)
    }

    /// LEAN could not and nobody else was allowed: that is known at once, and not overdue.
    @Test func `counts what was refused with no fallback allowed as LEAN's failure`() throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE": "1"])
        let key = world.intent(.none)
        world.write(
            .route(
                .attemptRejected(
                    AttemptRejected(
                        key: key, evidence: CanaryWorld.evidence(), rejectionClass: .contractInvalid,
                        proof: .refusedByContract, failureTaxonomy: .http5xx, fallbackAllowed: false,
                        reply: AdapterReply()))))
        let said = try #require(world.judge(after: .seconds(1)).ratio)
        #expect((said.fallbackTotal, said.leanTotal, said.pendingTotal) == (1, 1, 0))
        #expect(said.fallbackReasons.map(\.reason.text) == ["no_fallback_allowed"])
    }

    /// An intent that leaves its window before it is overdue would never count.
    @Test func `counts what LEAN never answers, however short the window is`() throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "20"])
        var found = false
        for _ in 0..<120 where !found {
            world.intent(.none)
            world.intent(.none)
            world.intent(.none)
            found = world.judge(after: .seconds(1)).ratio?.window.verdict == .breach
        }
        #expect(found)
    }

    @Test(arguments: [("0.3", 7, .breach), ("0.4", 7, .pass), (nil, 7, nil)] as [(String?, Int, Verdict?)])
    func `watches the error budget only when there is one`(limit: String?, failed: Int, verdict: Verdict?) {
        var settings = ["TRADING_LEAN_LIVE_CANARY_FALLBACK_RATIO_LIMIT": "1"]
        settings["TRADING_LEAN_LIVE_CANARY_ERROR_RATE_LIMIT"] = limit
        var world = CanaryWorld(settings)
        for _ in 0..<13 { world.intent(.business) }
        // A failure counts though the order lives in the end.
        for _ in 0..<failed { world.end(world.intent(.unknown), .kept) }
        let said = world.judge().verdicts.first { $0.breachType == .errorRateExceeded }
        #expect(said?.window.verdict == verdict)
        if said != nil { #expect(said?.numerator == 7 && said?.window.sample == 20) }
    }

    @Test(arguments: [(5, .pass), (6, .breach)] as [(Int, Verdict)]) func `watches how many shadows drift`(
        drifting: Int, verdict: Verdict
    ) throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_DRIFT_RATIO_LIMIT": "0.25"])
        for number in 0..<20 as Range<UInt64> { world.judged(number, .drift) }
        // The last word on an intent counts, and one that says nothing takes it out of the sample.
        for number in UInt64(drifting)..<20 { world.judged(number, .pass, revision: 2) }
        for number in 20..<30 as Range<UInt64> {
            world.judged(number, .drift)
            world.judged(number, .inconclusive, revision: 2)
        }
        // An older one that comes late, and another money's, say nothing.
        world.judged(0, .pass, revision: 1)
        for number in 40..<60 as Range<UInt64> { world.judged(number, .drift, mode: .live) }
        world.pass(.milliseconds(1))
        let said = try #require(world.judge().verdicts.first { $0.breachType == .parityMismatch })
        #expect(said.window.verdict == verdict && said.window.sample == 20 && said.numerator == Int64(drifting))
    }

    @Test(arguments: [(109, .pass), (111, .breach)] as [(Int64, Verdict)])
    func `watches how much worse LEAN's fills are than Alpaca's`(
        bps: Int64, verdict: Verdict
    ) throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_SLIPPAGE_P95_BPS_LIMIT": "100"])
        for number in 0..<40 {
            let adapter: Adapter = number % 2 == 0 ? .lean : .alpaca
            // The nineteenth of twenty is the 95th percentile; the worst one says nothing.
            let cost = number >= 38 ? 5_000 : adapter == .lean ? bps : 10
            world.filled(adapter, bps: cost, mode: .paper)
            world.filled(adapter, bps: 9_000, mode: .live)
        }
        let said = try #require(world.judge().verdicts.first { $0.breachType == .slippageExceeded })
        #expect(said.window.verdict == verdict && said.window.sample == 20)
        #expect(said.observed == Amount(bps - 10) && said.baseline == Amount(10))
    }
}

extension CanaryWorld {
    /// An intent's fills were held against its shadow; the intent itself is told with the first judgement.
    mutating func judged(
        _ number: UInt64, _ status: ParityStatus, revision: Int64 = 1, mode: TradingMode = .paper
    ) {
        let key = Self.key(number + 50_000)
        if revision == 1 { emit(key, .lean, mode: mode, partition: 0) }
        write(
            .shadow(
                .shadowParityJudged(
                    ShadowParityJudged(
                        intentID: key.intentID, decisionHash: key.decisionHash,
                        simulatedEventID: EventID(high: 1, low: number), side: .buy, filledQty: Amount(1),
                        parityLimitBps: Amount(3), parityStatus: status, revision: revision))))
    }

    private mutating func emit(_ key: AttemptKey, _ adapter: Adapter, mode: TradingMode, partition: Int64) {
        let judgement = Judgement(
            policyHash: Self.nothing, configHash: Self.nothing, tradingMode: mode, capitalStage: .paper, judgedAt: [])
        write(
            .intents(
                .intentEmitted(
                    IntentEmitted(
                        intentID: key.intentID, decisionHash: key.decisionHash, clientOrderID: key.clientOrderID,
                        strategyID: StrategyID(trusted: "s"), timeframe: .oneMinute, side: .buy, terms: Self.terms,
                        arrivalPrice: Amount(100), executionExpectedAdapter: adapter, executionAdapterPolicy: .all,
                        routeReason: .policyAll, judgement: judgement))), partition: partition)
    }

    /// An order that was decided at 100 and filled so much worse.
    mutating func filled(
        _ adapter: Adapter, bps: Int64, mode: TradingMode, partition: Int64 = 0, isPrepared: Bool = false
    ) {
        let key = Self.key(UInt64(log.count) + 1_000)
        let average = Amount(units: (Amount(100).units * Int128(10_000 + bps)) / 10_000)
        // The fill is read first: it depends on nothing else.
        var update = BrokerUpdateRecorded(
            eventFingerprint: Self.nothing, sourceTopic: TopicName(trusted: "torghut.trade-updates.v1"),
            sourcePartition: 0, sourceOffset: 0, updateShape: .rawFrame, accountLabelOrigin: .laneDefault,
            classification: .applied, rawEvent: .emptyObject)
        update.decisionHash = key.decisionHash
        update.filledQty = Amount(10)
        update.avgFillPrice = average
        write(.orderEvents(.brokerUpdateRecorded(update)), partition: partition)
        emit(key, adapter, mode: mode, partition: partition)
        if isPrepared {
            write(
                .route(
                    .attemptPrepared(
                        AttemptPrepared(
                            key: key, evidence: Self.evidence(adapter), operation: .submit, side: .buy,
                            terms: Self.terms, requestHash: Self.nothing, deadline: now, ownerEpoch: 1,
                            tradingMode: mode, policyHash: Self.nothing))), partition: partition)
        }
        for route in Self.routes(key, .kept, adapter, at: now) { write(.route(route), partition: partition) }
        pass(.milliseconds(1))
    }
}
