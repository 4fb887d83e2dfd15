import Core
import Domain

/// What operators, gates and strategies do meanwhile.
extension SimulatedWorld {
    /// A decision became an intent.
    mutating func want(_ index: Int) {
        let hash = DecisionHash(TestMint.hash(Array("decision \(seed) \(index)".utf8)))
        decisions.append(hash)
        let symbol = Words.symbols[index % 2]
        let adapter = script?.adapter ?? (chance(75) ? .lean : .alpaca)
        let intent = IntentEmitted(
            intentID: TestMint.mint.intentID(of: hash, account: "paper"), decisionHash: hash,
            clientOrderID: ClientOrderID(trusted: hash.description), strategyID: StrategyID(trusted: "strategy"),
            timeframe: .oneMinute, side: .buy,
            terms: OrderTerms(qty: Amount(10), orderType: .limit, timeInForce: .day, limitPrice: Amount(100)),
            executionExpectedAdapter: adapter, executionAdapterPolicy: .all, routeReason: .policyAll,
            executionFallbackAdapter: adapter == .lean ? .alpaca : nil,
            expiresAt: now.advanced(by: .seconds(60)),
            judgement: Judgement(
                policyHash: router.inForce.policyHash, configHash: router.inForce.configHash, tradingMode: .paper,
                capitalStage: .paper, judgedAt: []))
        write(.intents(.intentEmitted(intent)), symbol)
    }

    mutating func disturb() {
        guard isStormy else { return }
        switch pick(9) {
        case 0: kill()
        case 1:
            write(
                .control(
                    .emergencyStopLatched(
                        EmergencyStopLatched(
                            order: order(.global), stopReasons: [Code(trusted: "drill")], latchedAt: now,
                            recoverable: true))), nil)
            let cleared = EmergencyStopCleared(order: order(.global))
            plan(.write(.control(.emergencyStopCleared(cleared)), nil), in: 1_000...8_000)
        case 2:
            write(.control(.laneDisabled(LaneDisabled(order: order(.lane(.execution)), lane: .execution))), nil)
            let enabled = LaneEnabled(order: order(.lane(.execution)), lane: .execution)
            plan(.write(.control(.laneEnabled(enabled)), nil), in: 1_000...8_000)
        case 3: judgeBreaker()
        case 4:
            // A router that does not get to read: its view of control grows old.
            guard let index = processes.indices.last else { return }
            processes[index].lags.toggle()
        case 5: replaceSomething()
        case 6: cancelSomething()
        case 7:
            let symbol = Words.symbols[pick(2)]
            let closed = SymbolReviewClosed(order: order(.symbol(symbol)), symbol: symbol)
            write(.control(.symbolReviewClosed(closed)), nil)
        default: plan(.start, in: 0...100)
        }
    }

    private mutating func kill() {
        latch = true
        let engaged = KillSwitchEngaged(
            order: order(.global), killSource: .command, triggeredAt: now, reached: [], notReached: [])
        // The latch holds at once; the log may hear of it later.
        plan(.write(.control(.killSwitchEngaged(engaged)), nil), in: 0...2_000)
        if chance(60) { plan(.disturb, in: 5_000...9_000) }
    }

    /// Ends every engagement that the log knows.
    mutating func releaseKill() {
        latch = false
        var open: [EventID] = []
        for record in log.records {
            switch record.event.content {
            case .control(.killSwitchEngaged): open.append(record.event.envelope.eventID)
            case .control(.killSwitchReleased(let release)): open.removeAll { $0 == release.engagedEventID }
            default: break
            }
        }
        for stop in open {
            write(.control(.killSwitchReleased(KillSwitchReleased(order: order(.global), engagedEventID: stop))), nil)
        }
    }

    private mutating func judgeBreaker() {
        let states: [BreakerState] = [.open, .halfOpen, .closed]
        let state = states[pick(3)]
        let window = GateWindow(
            verdict: .breach, windowStart: now, windowEnd: now, sample: 0, minimumSample: 0,
            policyHash: router.inForce.policyHash, evaluatedAt: now, vector: PositionVector(positions: []))
        let judged = BreakerJudged(
            order: order(.adapter(.lean)), adapter: .lean, breakerState: state, previousState: .closed,
            failureTotal: 0, errorRateLimit: .one, probesAllowed: 1, probePartition: 0, window: window)
        write(.control(.breakerJudged(judged)), nil)
    }

    private mutating func replaceSomething() {
        guard let index = processes.indices.last, let intent = someIntent(index) else { return }
        let qty = Amount(Int64(1 + pick(12)))
        let terms = OrderTerms(qty: qty, orderType: .limit, timeInForce: .day, limitPrice: Amount(101))
        drive(index, .replaceWanted(intent, terms, actor: nil, reason: nil))
    }

    private mutating func cancelSomething() {
        guard let index = processes.indices.last, let intent = someIntent(index) else { return }
        drive(index, .cancelWanted(intent, .byOperator, actor: nil, reason: Words.reason, controlEventID: nil))
    }

    private mutating func someIntent(_ index: Int) -> IntentID? {
        let open = processes[index].state.open
        return open.isEmpty ? nil : open[pick(open.count)]
    }

    /// An operator looks at what is unknown, and says the truth.
    mutating func inspect() {
        guard let index = processes.indices.last, processes[index].isAlive, processes[index].wakesAt == nil else {
            return
        }
        catchUp(index)
        if !processes[index].lags { checkFold(index) }
        for id in processes[index].state.open {
            guard let intent = processes[index].state[id], intent.phase == .unknown, let attempt = intent.attempt,
                let safe = attempt.deadline.advanced(by: .seconds(20)), now > safe || !isStormy
            else { continue }
            vouch(for: intent, attempt)
        }
    }

    private mutating func vouch(for intent: RoutedIntent, _ attempt: RouteAttempt) {
        let found = broker.order(of: attempt.clientOrderID)
        var kind = OverrideKind.attemptLive
        if found == nil {
            // Nobody can vouch for the absence of what may still be on its way.
            guard !isStormy else { return }
            kind = .attemptNotLive
        }
        let granted = OverrideGranted(
            order: order(.intent(intent.intentID)), kind: kind, intentID: intent.intentID,
            attemptID: attempt.attemptID, alpacaOrderID: found?.id, expiresAt: now.advanced(by: .seconds(30)))
        write(.control(.overrideGranted(granted)), nil)
    }
}
