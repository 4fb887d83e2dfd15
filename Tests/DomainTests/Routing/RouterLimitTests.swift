import Core
import Domain
import Testing

@Suite struct `Limits of the router` {
    @Test func `open a review after repeated fallback of a symbol, and hold what comes then`() {
        var drive = Drive()
        var kinds: [String] = []
        for _ in 0..<4 {
            drive.intents = []
            drive.intent()
            kinds += drive.step().kinds
            guard drive.first.phase == .attempting else { break }
            kinds += drive.step(drive.answered(Drive.notSent)).kinds
        }
        #expect(kinds.count { $0 == "fallback_decided" } == 3)
        #expect(kinds.count { $0 == "symbol_review_opened" } == 1)
        #expect(drive.first.hold?.reason == .symbolUnderReview)
        let symbol = Symbol(trusted: "AAPL")
        drive.write(
            .control(
                .symbolReviewClosed(
                    SymbolReviewClosed(order: TradingDay.order(.symbol(symbol)), symbol: symbol))))
        #expect(drive.step().kinds == ["intent_released", "attempt_prepared"])
    }

    @Test func `keep so many calls on their way, and no more`() {
        var drive = Drive()
        drive.settings["TRADING_EXECUTION_CONCURRENCY"] = "2"
        for _ in 0..<5 { drive.intent(.alpaca) }
        #expect(drive.step().sentTo.count == 2)
        #expect(drive.step().sentTo.count == 0)
        #expect(drive.step(drive.answered(drive.accepted())).sentTo.count == 0)
        #expect(drive.step().sentTo.count == 1)
    }

    @Test func `end an intent that is too old`() {
        var drive = Drive()
        drive.intent(ttl: .seconds(10))
        #expect(drive.step(after: .seconds(10)).kinds == ["intent_withdrawn"])
        #expect(drive.first.phase == .over)
    }

    @Test(arguments: [(0, 2), (1, 0), (nil, 0)] as [(Int64?, Int)])
    func `let so many probes of their partition through a half open breaker, and send the others to Alpaca`(
        partition: Int64?, probes: Int
    ) {
        var drive = Drive()
        let window = GateWindow(
            verdict: .inconclusive, windowStart: drive.now, windowEnd: drive.now, sample: 0, minimumSample: 2,
            policyHash: ContentHash((0, 0, 0, 0)), evaluatedAt: drive.now, vector: PositionVector(positions: []))
        let judged = BreakerJudged(
            order: TradingDay.order(.adapter(.lean)), adapter: .lean, breakerState: .halfOpen, previousState: .open,
            failureTotal: 0, errorRateLimit: .one, probesAllowed: 2, probePartition: partition, window: window)
        drive.write(.control(.breakerJudged(judged)))
        for _ in 0..<4 { drive.intent() }
        let sent = Array(repeating: Adapter.lean, count: probes) + Array(repeating: .alpaca, count: 4 - probes)
        #expect(drive.step(after: .seconds(1)).sentTo == sent)
    }

    @Test func `replace an order under an id of its own, and never by more than was asked`() {
        var drive = Drive()
        drive.intent()
        drive.step()
        drive.step(drive.answered(drive.accepted()))
        let terms = { (qty: Int64) in
            OrderTerms(qty: Amount(qty), orderType: .limit, timeInForce: .day, limitPrice: Amount(99))
        }
        let id = drive.first.intentID
        let refused = drive.step(.replaceWanted(id, terms(11), actor: nil, reason: nil))
        #expect(refused.kinds == ["replace_requested", "replace_refused"] && refused.actions.isEmpty)
        drive.session.room = [.lean: 1]
        let busy = drive.step(.replaceWanted(id, terms(5), actor: nil, reason: nil))
        #expect(busy.kinds == ["replace_requested", "replace_refused"] && busy.actions.isEmpty)
        drive.session.room = [.alpaca: 1]
        let step = drive.step(.replaceWanted(id, terms(5), actor: nil, reason: nil))
        #expect(step.kinds == ["replace_requested", "attempt_prepared"])
        guard case .replace(let order, let replaced)? = step.actions.first else {
            return #expect(Bool(false), "nothing is replaced")
        }
        #expect(order.clientOrderID.text == "\(drive.first.clientOrderID)-r3" && replaced.text == "order-1")
        let done = drive.step(drive.answered(drive.accepted("order-2")))
        #expect(done.kinds == ["attempt_sent", "attempt_accepted", "replace_done"])
        #expect(drive.first.order?.alpacaOrderID.text == "order-2")
    }
}
