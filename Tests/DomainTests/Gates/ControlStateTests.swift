import Core
import Domain
import Testing

@Suite struct `What is in force` {
    private func fold(_ events: [(UInt64, Control)]) -> ControlState {
        var control = ControlState()
        for (id, event) in events { `Resolving a route`.fold(event, into: &control, id: id) }
        return control
    }

    private func id(_ number: UInt64) -> EventID { EventID(high: 5, low: number) }
    private var now: Timestamp { `Resolving a route`.now }

    private var engaged: Control {
        .killSwitchEngaged(
            KillSwitchEngaged(
                order: TradingDay.order(), killSource: .command, triggeredAt: now, reached: [], notReached: []))
    }

    private func released(_ number: UInt64?) -> Control {
        .killSwitchReleased(KillSwitchReleased(order: TradingDay.order(), engagedEventID: number.map(id)))
    }

    @Test func `is the kill switch, engaged at first`() {
        #expect(ControlState().kill.isEngaged)
        #expect(!fold([(1, released(nil))]).kill.isEngaged)
    }

    /// Whoever resumes has seen what he ends: a release that crosses another kill leaves that one as it is.
    @Test func `is engaged until every engagement was named by a release`() {
        #expect(fold([(1, released(nil)), (2, engaged), (3, released(nil))]).kill.isEngaged)
        #expect(fold([(1, released(nil)), (2, engaged), (3, engaged), (4, released(2))]).kill.isEngaged)
        #expect(fold([(1, released(nil)), (2, engaged), (3, engaged), (4, released(3))]).kill.engagedBy == id(2))
        #expect(fold([(2, engaged), (3, engaged), (4, released(3)), (5, released(nil))]).kill.isEngaged)
        #expect(!fold([(2, engaged), (3, engaged), (4, released(3)), (5, released(2))]).kill.isEngaged)
        // The same stop told twice is one.
        #expect(!fold([(2, engaged), (2, engaged), (4, released(2))]).kill.isEngaged)
    }

    @Test func `is engaged by more stops than it remembers until a release without a name, when no other holds`() {
        let last = UInt64(KillSwitch.maximumStops + 10)
        let stops = (2...last).map { ($0, engaged) }
        let releases = (2...last).map { (1_000 + $0, released($0)) }
        #expect(fold(stops).kill.stops.count == KillSwitch.maximumStops)
        #expect(fold(stops + [(5_000, released(nil))] + releases).kill.isEngaged)
        #expect(!fold(stops + releases + [(5_000, released(nil))]).kill.isEngaged)
    }

    @Test func `is engaged by the latch file or the environment, which release nothing`() {
        let open = fold([(1, released(nil))])
        #expect(!open.isEngaged(with: .none))
        #expect(open.isEngaged(with: LocalStop(latchFile: true)) && open.isEngaged(with: LocalStop(environment: true)))
        #expect(ControlState().isEngaged(with: .none))
    }

    private func latched(recoverable: Bool) -> Control {
        .emergencyStopLatched(
            EmergencyStopLatched(
                order: TradingDay.order(), stopReasons: [], latchedAt: now, recoverable: recoverable))
    }

    private func cleared(_ number: UInt64? = nil, byItself: Bool = false) -> Control {
        .emergencyStopCleared(
            EmergencyStopCleared(
                order: TradingDay.order(), latchedEventID: number.map(id), cleanEvaluations: byItself ? 3 : nil))
    }

    @Test func `is the emergency stop until every latch is cleared`() {
        #expect(!ControlState().stop.isLatched)
        #expect(
            fold([(1, latched(recoverable: true)), (2, latched(recoverable: false)), (3, cleared(1))]).stop.isLatched)
        #expect(
            !fold([(1, latched(recoverable: true)), (2, latched(recoverable: false)), (3, cleared(2))]).stop.isLatched)
        // A gate that clears by itself opens only what may recover.
        let byItself = cleared(byItself: true)
        #expect(!fold([(1, latched(recoverable: true)), (2, byItself)]).stop.isLatched)
        #expect(fold([(1, latched(recoverable: false)), (2, byItself)]).stop.isLatched)
        #expect(fold([(1, cleared(9)), (2, latched(recoverable: true)), (3, cleared(9))]).stop.isLatched)
    }

    @Test func `counts no more latches than it can hold, and stays latched`() {
        let many = (1...200).map { (UInt64($0), latched(recoverable: true)) }
        let control = fold(many)
        #expect(control.stop.latches.count == EmergencyStop.maximumLatches && control.stop.isLatched)
    }

    @Test func `is an exception for one intent, until it expires`() {
        let intent = IntentID(high: 1, low: 1)
        let later = now.advanced(by: .seconds(60)) ?? .latest
        let granted = { (scope: Scope, expiresAt: Timestamp?) in
            Control.overrideGranted(
                OverrideGranted(
                    order: TradingDay.order(scope), kind: .releaseHold, expiresAt: expiresAt))
        }
        let control = fold([(1, granted(.intent(intent), later))])
        #expect(control.override(.releaseHold, for: intent, at: now)?.actor.text == "ann")
        #expect(control.override(.releaseHold, for: intent, at: later) == nil)
        #expect(control.override(.attemptLive, for: intent, at: now) == nil)
        #expect(control.override(.releaseHold, for: IntentID(high: 1, low: 2), at: now) == nil)
        // An exception to everything, or for ever, is none.
        #expect(fold([(1, granted(.global, later)), (2, granted(.intent(intent), nil))]).overrides.isEmpty)
    }

    @Test func `ends a symbol's review only when the right one is closed`() {
        let symbol = Symbol(trusted: "AAPL")
        let opened = Control.symbolReviewOpened(
            SymbolReviewOpened(
                order: TradingDay.order(.symbol(symbol)), symbol: symbol, fallbackCount: 3, fallbackLimit: 3,
                window: GateWindow(
                    verdict: .breach, windowStart: now, windowEnd: now, sample: 3, minimumSample: 3,
                    policyHash: ContentHash((0, 0, 0, 0)), evaluatedAt: now, vector: PositionVector(positions: []))))
        let closed = { (number: UInt64?) in
            Control.symbolReviewClosed(
                SymbolReviewClosed(
                    order: TradingDay.order(.symbol(symbol)), symbol: symbol, openedEventID: number.map(self.id)))
        }
        #expect(fold([(1, opened), (2, closed(9))]).reviews[symbol] != nil)
        #expect(fold([(1, opened), (2, closed(1))]).reviews[symbol] == nil)
        #expect(fold([(1, opened), (2, closed(nil))]).reviews[symbol] == nil)
    }
}

@Suite struct `Enabling a strategy` {
    private let strategy = StrategyID(trusted: "strategy")
    private let now = Timestamp(nanoseconds: 1_000_000_000)

    private func state(_ events: [(DomainEvent, second: Int)]) -> DecisionState {
        var state = DecisionState(under: TradingPolicy())
        for (index, (content, second)) in events.enumerated() {
            let moment = Timestamp(nanoseconds: Int64(second) * 1_000_000_000)
            let envelope = Envelope(
                eventID: EventID(high: 5, low: UInt64(index)), eventTime: moment, ingestTime: moment,
                account: TradingDay.paper, symbol: Symbol(trusted: "AAPL"), source: SourceName(trusted: "test"),
                correlation: StoryID(high: 1, low: 1))
            state.fold(Event(envelope, content), at: 0)
        }
        return state
    }

    private func diverged(_ strategy: String?) -> DomainEvent {
        .route(
            .idsDiverged(
                IdsDiverged(
                    order: OrderKey(), divergence: .secondOrder, strategyID: strategy.map(StrategyID.init(trusted:)),
                    observed: Words.reason)))
    }

    private func judged(_ verdict: Verdict, second: Int) -> DomainEvent {
        let moment = Timestamp(nanoseconds: Int64(second) * 1_000_000_000)
        let window = GateWindow(
            verdict: verdict, windowStart: moment, windowEnd: moment, sample: 1, minimumSample: 1,
            policyHash: ContentHash((0, 0, 0, 0)), evaluatedAt: moment, vector: PositionVector(positions: []))
        return .canary(
            .canaryJudged(
                CanaryJudged(
                    window: window, breachType: .parityMismatch, leanTotal: 1, fallbackTotal: 0,
                    fallbackRatioLimit: .one, fallbackReasons: [], symbols: [], hardRollbackEnabled: true,
                    action: .none)))
    }

    private func isAllowed(_ events: [(DomainEvent, second: Int)]) -> Bool {
        let outcome = Result { () throws(StrategyEnablement.Refusal) in
            try StrategyEnablement.decide(strategy, order: TradingDay.order(), given: state(events).parityState)
        }
        if case .success = outcome { return true }
        return false
    }

    @Test func `is refused while order ids diverge, until parity passes afterwards`() {
        #expect(isAllowed([]))
        #expect(!isAllowed([(diverged("strategy"), 1)]))
        #expect(!isAllowed([(diverged(nil), 1)]))
        #expect(isAllowed([(diverged("another"), 1)]))
        #expect(isAllowed([(diverged("strategy"), 1), (judged(.pass, second: 2), 2)]))
        #expect(!isAllowed([(judged(.pass, second: 2), 2), (diverged("strategy"), 3)]))
        #expect(!isAllowed([(diverged("strategy"), 1), (judged(.inconclusive, second: 2), 2)]))
    }

    @Test func `is refused while parity fails`() {
        #expect(!isAllowed([(judged(.breach, second: 1), 1)]))
        #expect(isAllowed([(judged(.breach, second: 1), 1), (judged(.pass, second: 2), 2)]))
    }
}
