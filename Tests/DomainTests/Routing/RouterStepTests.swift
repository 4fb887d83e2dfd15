import Core
import Domain
import Testing

@Suite struct `One step of the router` {
    @Test func `prepares before it sends, with deadline and epoch`() throws {
        var drive = Drive()
        drive.intent()
        let step = drive.step()
        #expect(step.kinds == ["attempt_prepared"])
        guard case .submit(let order)? = step.actions.first else { return #expect(Bool(false), "nothing is sent") }
        #expect(order.epoch == 7 && order.deadline == drive.now.advanced(by: .seconds(5)))
        // Ticks do not send it again.
        #expect(drive.step(after: .seconds(1)).isEmpty)
    }

    @Test func `does not believe that nothing was sent while the broker shows the order`() {
        var drive = Drive()
        drive.intent()
        #expect(drive.step().sentTo == [.lean])
        drive.seen("order-1", .new)
        let lost = drive.step(drive.answered(Drive.notSent))
        #expect(lost.kinds.contains("attempt_unknown") && lost.sentTo.isEmpty, "\(lost.kinds)")
        let found = drive.step(after: .seconds(1))
        let kinds = lost.kinds + found.kinds
        #expect(kinds.contains("attempt_resolved") && found.sentTo.isEmpty, "\(kinds)")
        #expect(drive.first.phase == .working)
    }

    @Test func `sends nothing beside an order that the broker showed after a refusal`() {
        var drive = Drive()
        drive.intent()
        drive.step()
        // The order path is stopped for want of news, so that the fallback has to wait.
        drive.session.controlSeenAt = nil
        let refused = drive.router.step(drive.answered(Drive.notSent), at: drive.now, &drive.state, &drive.session)
        #expect(!refused.kinds.contains("fallback_decided"))
        drive.seen("order-1", .new)
        let next = drive.step(after: .seconds(1))
        #expect(next.sentTo.isEmpty && !next.kinds.contains("fallback_decided"), "\(next.kinds)")
    }

    @Test func `begins the oldest where there is room, and no more`() {
        var drive = Drive()
        drive.settings["TRADING_EXECUTION_CONCURRENCY"] = "2"
        for _ in 0..<3 { drive.intent() }
        #expect(drive.step(.room).kinds == ["attempt_prepared", "attempt_prepared"])
        #expect(drive.step(.room).isEmpty)
        // Calls of other partitions count too.
        drive.session.room = [.lean: 0]
        #expect(drive.step(drive.answered(drive.accepted())).kinds == ["attempt_sent", "attempt_accepted"])
        #expect(drive.step(.room).isEmpty && drive.session.shortOf == [.lean])
        drive.session.room = [.lean: 1]
        #expect(drive.step(.room).kinds == ["attempt_prepared"])
        #expect(drive.state.waiting(upTo: 3).isEmpty)
    }

    struct Outcome: Sendable {
        let answer: SubmitAnswer
        let kinds: [String]
        let sentTo: [Adapter]
        let phase: RoutedIntent.Phase
    }

    @Test(arguments: [
        Outcome(
            answer: Drive.notSent,
            kinds: ["attempt_sent", "attempt_rejected", "fallback_decided", "attempt_prepared"], sentTo: [.alpaca],
            phase: .attempting),
        Outcome(
            answer: .neverConnected(AdapterReply()),
            kinds: ["attempt_sent", "attempt_rejected", "fallback_decided", "attempt_prepared"], sentTo: [.alpaca],
            phase: .attempting),
        Outcome(
            answer: .refused(.brokerRejected, .brokerRejected, AdapterReply(httpStatus: 422), raw: nil),
            kinds: ["attempt_sent", "attempt_rejected"], sentTo: [], phase: .over),
        Outcome(
            answer: Drive.timeout, kinds: ["attempt_sent", "attempt_unknown", "intent_held"], sentTo: [],
            phase: .unknown),
        Outcome(
            answer: .unclear(.http5xx, AdapterReply(httpStatus: 502), raw: nil),
            kinds: ["attempt_sent", "attempt_unknown", "intent_held"], sentTo: [], phase: .unknown),
    ])
    func `reads an answer for what it proves`(outcome: Outcome) {
        var drive = Drive()
        drive.intent()
        drive.step()
        let step = drive.step(drive.answered(outcome.answer))
        #expect(step.kinds == outcome.kinds)
        #expect(step.sentTo == outcome.sentTo)
        #expect(drive.first.phase == outcome.phase)
    }

    @Test(arguments: ["symbol", "qty", "client", "missing id", "status"])
    func `believes no order that breaks the contract, and sends no second one`(what: String) {
        var drive = Drive()
        drive.intent()
        drive.step()
        var shown = drive.order()
        switch what {
        case "symbol": shown.symbol = Symbol(trusted: "MSFT")
        case "qty": shown.qty = Amount(9)
        case "client": shown.clientOrderID = ClientOrderID(trusted: "another")
        case "missing id": shown.alpacaOrderID = nil
        default: shown.status = BrokerWord(trusted: "splendid")
        }
        let step = drive.step(drive.answered(.order(shown, AdapterReply(httpStatus: 200), idempotentReplay: nil)))
        #expect(step.kinds == ["attempt_sent", "attempt_unknown", "intent_held"])
        #expect(step.sentTo == [])
    }

    /// `BTCUSD` is `BTC/USD`: brokers answer with either.
    @Test(arguments: [("BTC/USD", "BTCUSD"), ("BTCUSD", "BTC/USD")])
    func `knows a pair however the broker spells it, in an answer and in a look-up`(asked: String, shown: String) {
        var drive = Drive()
        drive.symbol = Symbol(trusted: asked)
        drive.intent()
        drive.step()
        var order = drive.order()
        order.symbol = Symbol(trusted: shown)
        var found = drive
        let step = drive.step(drive.answered(.order(order, AdapterReply(httpStatus: 200), idempotentReplay: nil)))
        #expect(step.kinds == ["attempt_sent", "attempt_accepted"])
        found.step(found.answered(Drive.timeout))
        let look = LookupAnswer(askedAt: found.now, result: .found(order))
        #expect(
            found.step(.lookedUp(found.first.intentID, found.first.clientOrderID, look)).kinds == [
                "attempt_resolved", "intent_released",
            ])
    }

    @Test func `falls back once, names its evidence, and marks the route`() throws {
        var drive = Drive()
        drive.intent()
        drive.step()
        let step = drive.step(drive.answered(Drive.notSent))
        guard case .route(.fallbackDecided(let fallback)) = step.events[2].content else {
            return #expect(Bool(false), "no fallback")
        }
        #expect(fallback.proof == .refusedByContract && fallback.attemptCount == 1)
        #expect(fallback.executionFallbackCount == 1)
        #expect(fallback.executionFallbackReason.text == "lean_submit_order_http_503")
        #expect(fallback.degradation.windowFailures == 1)
        let end = drive.step(drive.answered(drive.accepted()))
        guard case .route(.attemptAccepted(let accepted)) = end.events[1].content else {
            return #expect(Bool(false), "not accepted")
        }
        #expect(accepted.routeMarker == .alpacaFallback && accepted.executionRoute == .leanToAlpaca)
        #expect(accepted.evidence.executionExpectedAdapter == .lean && accepted.evidence.executionAdapter == .alpaca)
    }

    @Test func `does not hold against LEAN what never left this machine`() throws {
        var drive = Drive()
        drive.intent()
        drive.step()
        let step = drive.step(drive.answered(.heldBack(.deadlinePassed, AdapterReply())))
        let fallback = try #require(
            step.events.compactMap { if case .route(.fallbackDecided(let event)) = $0.content { event } else { nil } }
                .first)
        #expect(fallback.degradation.windowFailures == 0 && fallback.degradation.windowRequests == 0)
    }

    @Test func `never falls back from a refusal by Alpaca`() {
        var drive = Drive()
        drive.intent(.alpaca)
        drive.step()
        #expect(drive.step(drive.answered(Drive.notSent)).kinds == ["attempt_sent", "attempt_rejected"])
        #expect(drive.first.phase == .over)
    }

    @Test func `asks the runner for a promise and the broker for the order, and waits with the alert`() {
        var drive = Drive()
        drive.intent()
        drive.step()
        let step = drive.step(drive.answered(Drive.timeout))
        let asks = step.actions.map { action in
            switch action {
            case .lookUp(_, _, let at): "look up at \(at)"
            case .void: "void"
            default: "send"
            }
        }
        #expect(asks == ["look up at alpaca", "void"])
        let alert = drive.step(after: .seconds(30))
        guard case .route(.intentHeld(let held))? = alert.events.first?.content else {
            return #expect(Bool(false), "no alert")
        }
        #expect(held.holdLimitExceeded && held.holdReason == .attemptUnknown)
    }

    /// Absence counts only behind the deadline and its margin, complete, and twice, two seconds apart.
    @Test(
        arguments: [
            ([8, 10], true), ([8, 9], false), ([1, 3], false), ([6, 8], false), ([8], false), ([1, 8, 10], true),
        ] as [([Int], Bool)])
    func `takes absence for a proof only behind the deadline, and twice`(seconds: [Int], isProved: Bool) {
        var drive = Drive()
        drive.intent()
        drive.step()
        drive.step(drive.answered(Drive.timeout))
        let start = drive.now
        for second in seconds {
            drive.now = start.advanced(by: .seconds(second)) ?? .latest
            let answer = LookupAnswer(askedAt: drive.now, result: .absent)
            drive.step(.lookedUp(drive.first.intentID, drive.first.clientOrderID, answer))
        }
        #expect((drive.first.phase == .attempting) == isProved)
        #expect(drive.first.attempts == (isProved ? 2 : 1))
    }

    @Test func `does not take time for a proof when a foreign runner never promised`() {
        var drive = Drive()
        drive.settings["TRADING_LEAN_RUNNER_FOREIGN"] = "true"
        drive.intent()
        drive.step()
        drive.step(drive.answered(Drive.timeout))
        for _ in 0..<10 {
            drive.health(.lean)
            let asked = drive.now.advanced(by: .seconds(10)) ?? .latest
            drive.step(
                .lookedUp(
                    drive.first.intentID, drive.first.clientOrderID, LookupAnswer(askedAt: asked, result: .absent)),
                after: .seconds(10))
        }
        #expect(drive.first.phase == .unknown)
    }

    @Test func `takes an operator's word for the attempts that were there when he spoke, and for no later one`() {
        var drive = Drive()
        drive.intent()
        drive.step()
        drive.step(drive.answered(Drive.timeout), after: .seconds(1))
        drive.vouch(.attemptNotLive)
        let resolved = drive.step()
        #expect(resolved.kinds.contains("attempt_resolved") && resolved.sentTo == [.alpaca], "\(resolved.kinds)")
        let lost = drive.step(drive.answered(Drive.timeout), after: .seconds(1))
        #expect(!lost.kinds.contains("attempt_resolved") && drive.first.phase == .unknown, "\(lost.kinds)")
        #expect(drive.step(after: .seconds(1)).kinds.isEmpty)
        drive.vouch(.attemptLive, order: BrokerOrderID(trusted: "order-1"))
        #expect(drive.step().kinds.contains("attempt_resolved"))
        #expect(drive.first.phase == .working)
    }

    /// He spoke before it was prepared, and it was prepared before his word was read.
    @Test func `does not take an operator's word for an attempt that he cannot have seen`() {
        var drive = Drive()
        drive.intent()
        let spoke = drive.now
        drive.step(after: .seconds(1))
        drive.step(drive.answered(Drive.timeout), after: .seconds(1))
        let now = drive.now
        drive.now = spoke
        drive.vouch(.attemptNotLive)
        drive.now = now
        #expect(!drive.step().kinds.contains("attempt_resolved"))
        // Whoever names the attempt means it.
        drive.vouch(.attemptNotLive, drive.first.attempt?.attemptID)
        #expect(drive.step().kinds.contains("attempt_resolved"))
    }

    @Test func `finds a late acknowledgement and does not fall back`() {
        var drive = Drive()
        drive.intent()
        drive.step()
        drive.step(drive.answered(Drive.timeout))
        drive.seen("order-1", .filled)
        let step = drive.step()
        #expect(step.kinds == ["attempt_resolved"])
        #expect(drive.first.phase == .over && step.actions.isEmpty)
    }

    @Test func `takes an attempt that a dead process prepared for unknown`() {
        var drive = Drive()
        drive.intent()
        drive.step()
        drive.session = RouterSession(
            epoch: 8, process: drive.session.process, source: drive.session.source, controlSeenAt: drive.now)
        let step = drive.step(.started)
        #expect(step.kinds == ["attempt_unknown", "intent_held"])
        #expect(step.sentTo == [])
    }

    @Test func `names and cancels a second order, whoever made it`() {
        var drive = Drive()
        drive.intent()
        drive.step()
        drive.step(drive.answered(drive.accepted()))
        drive.seen("order-2", .new)
        let step = drive.step()
        #expect(step.kinds == ["ids_divergent", "cancel_requested"])
        guard case .cancel(_, _, let id, _)? = step.actions.first else { return #expect(Bool(false), "no cancel") }
        #expect(id.text == "order-2")
        drive.seen("order-2", .canceled)
        #expect(drive.step().kinds == ["cancel_confirmed"])
        // The order that should be there still is.
        #expect(drive.first.phase == .working && drive.first.order?.alpacaOrderID.text == "order-1")
    }
}
