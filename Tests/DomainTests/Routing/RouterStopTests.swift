import Core
import Domain
import Testing

@Suite struct `A stop` {
    @Test(arguments: ["latch", "log", "emergency"]) func `lets nothing new out, and cancels what works`(what: String) {
        var drive = Drive()
        drive.intent()
        drive.step()
        drive.step(drive.answered(drive.accepted()))
        drive.intent()
        stop(&drive, what)
        let step = drive.step()
        #expect(step.sentTo == [])
        #expect(step.kinds.filter { $0 != "kill_switch_observed" } == ["cancel_requested", "intent_withdrawn"])
        // The adapter's word is no confirmation; the order's own status is.
        guard let cancel = drive.first.cancel else { return #expect(Bool(false), "no cancel") }
        drive.step(.cancelAnswered(drive.first.intentID, cancel.cancelID, .taken(AdapterReply())))
        #expect(drive.first.cancel != nil)
        let look = LookupAnswer(askedAt: drive.now, result: .found(drive.order("order-1", .canceled)))
        let end = drive.step(.lookedUp(drive.first.intentID, drive.first.clientOrderID, look))
        #expect(end.kinds == ["cancel_confirmed"])
    }

    private func stop(_ drive: inout Drive, _ what: String) {
        switch what {
        case "latch": drive.session.local.latchFile = true
        case "log":
            drive.write(
                .control(
                    .killSwitchEngaged(
                        KillSwitchEngaged(
                            order: TradingDay.order(), killSource: .command, triggeredAt: drive.now, reached: [],
                            notReached: []))))
        default:
            drive.write(
                .control(
                    .emergencyStopLatched(
                        EmergencyStopLatched(
                            order: TradingDay.order(), stopReasons: [], latchedAt: drive.now, recoverable: false))))
        }
    }

    @Test func `is feared while control was not read to its end`() {
        var drive = Drive()
        drive.intent()
        drive.session.controlSeenAt = drive.now.advanced(by: .seconds(-3))
        let step = drive.router.step(.tick, at: drive.now, &drive.state, &drive.session)
        #expect(step.kinds == ["intent_held"] && step.actions.isEmpty)
        // Read again, it goes on by itself.
        #expect(drive.step().kinds == ["intent_released", "attempt_prepared"])
    }

    @Test func `is feared when the decider has read more of control than the router`() {
        var drive = Drive()
        drive.intent(judgedAt: 100)
        #expect(drive.step().kinds == ["intent_held"])
    }

    /// Whoever wants an order gone wants the one gone that took its place, and both say for whom.
    @Test func `cancels what replaced an order in the name of who wanted it gone`() {
        var drive = Drive()
        drive.settings["TRADING_EXECUTION_ADAPTER"] = "alpaca"
        drive.intent(.alpaca)
        drive.step()
        drive.step(drive.answered(drive.accepted()))
        drive.session.room = [.alpaca: 1]
        let terms = OrderTerms(qty: Amount(5), orderType: .limit, timeInForce: .day, limitPrice: Amount(99))
        let replacing = drive.step(.replaceWanted(drive.first.intentID, terms, actor: nil, reason: nil))
        #expect(replacing.kinds.contains("attempt_prepared"))
        stop(&drive, "emergency")
        let asked =
            drive.step().events + drive.step(drive.answered(drive.accepted("order-2"))).events
            + drive.step().events
        let cancels = asked.compactMap { event -> CancelRequested? in
            if case .route(.cancelRequested(let asked)) = event.content { asked } else { nil }
        }
        #expect(cancels.map(\.order.alpacaOrderID?.text) == ["order-1", "order-2"])
        #expect(cancels.allSatisfy { $0.cancelReason == .emergencyStop && $0.controlEventID != nil })
        #expect(Set(cancels.map(\.controlEventID)).count == 1)
    }
}
